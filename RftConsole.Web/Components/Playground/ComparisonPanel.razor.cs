using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>A prompt of a comparison that is wanted in the columns.</summary>
/// <param name="Request">What was compared, and how.</param>
/// <param name="Prompt">The prompt with its answers.</param>
public sealed record OpenedPrompt(ComparisonRequest Request, ComparedPrompt Prompt);

/// <summary>Compares the models of the page on many validation prompts; what it has found so far is shown while it runs, and kept when it is cancelled.</summary>
public sealed partial class ComparisonPanel : IDisposable
{
    private const int DefaultCount = 20;

    private readonly CancellationTokenSource _gone = new();
    private readonly List<ComparedPrompt> _found = [];
    private CancellationTokenSource? _run;
    private ComparisonRequest? _request;
    private ComparisonProgress? _progress;
    private ComparisonTable? _table;
    private IReadOnlyList<string> _names = [];
    private double _threshold;
    private string? _failure;
    private string? _status;
    private int _count = DefaultCount;

    [Inject]
    public required IModelComparison Comparison { get; init; }

    /// <summary>The chosen validation set.</summary>
    [Parameter, EditorRequired]
    public required PromptPicker Picker { get; set; }

    /// <summary>Who is compared: names of columns, and ids.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<(string Name, string Id)> Targets { get; set; }

    [Parameter, EditorRequired]
    public required PlaygroundSettings Settings { get; set; }

    /// <summary>Whether the page is busy with something else.</summary>
    [Parameter]
    public bool Disabled { get; set; }

    /// <summary>Raised when a prompt is wanted in the columns.</summary>
    [Parameter]
    public EventCallback<OpenedPrompt> Opened { get; set; }

    private bool Running => _run is not null;

    private int Most => Picker.Set?.Records.Count ?? int.MaxValue;

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task RunAsync()
    {
        using CancellationTokenSource run = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        _run = run;
        lock (_found)
        {
            _found.Clear();
        }

        (_failure, _table, _status) = (null, null, L["Reading the validation set…"]);
        try
        {
            if (await Picker.ReadAsync(run.Token) is { } set)
            {
                _count = Math.Min(_count, set.Records.Count);
                _names = [.. Targets.Select(target => target.Name)];
                _threshold = set.AccuracyThreshold;
                _request = new([.. Targets.Select(target => target.Id)], _count, Settings);
                await Comparison.RunAsync(set, _request, new Reporter(Report), run.Token);
                _status = L["{0} prompts compared.", Display.Count(_count)];
            }
            else
            {
                (_failure, _status) = (Picker.Failure, null);
            }
        }
        catch (OperationCanceledException) when (run.IsCancellationRequested)
        {
            _status = L["Cancelled; what was compared before stands below."];
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException)
        {
            (_failure, _status) = (problem.Message, null);
        }
        finally
        {
            (_run, _progress) = (null, null);
        }

        Summarise();
    }

    private void Cancel() => _run?.Cancel();

    /// <summary>On a thread of the comparison.</summary>
    private void Report(ComparisonProgress progress)
    {
        lock (_found)
        {
            _found.AddRange(progress.New);
        }

        _ = InvokeAsync(() =>
        {
            // What was reported before the end may arrive after it.
            if (Running && !_gone.IsCancellationRequested)
            {
                (_progress, _status) = (progress, L["{0}: {1} of {2} answers", L[progress.Doing], Display.Count(progress.Done), Display.Count(progress.Total)]);
                if (progress.New.Count > 0)
                {
                    Summarise();
                }

                StateHasChanged();
            }
        });
    }

    private void Summarise()
    {
        lock (_found)
        {
            _table = ComparisonTable.Of([.. _found], _threshold);
        }
    }

    /// <summary>Reports at once and in order, where <see cref="Progress{T}"/> would post: the last report is there before the comparison ends.</summary>
    private sealed class Reporter(Action<ComparisonProgress> tell) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => tell(value);
    }
}
