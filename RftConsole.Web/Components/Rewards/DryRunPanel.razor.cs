using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>A dry run of what is in the editor: chosen, run, cancelled, shown.</summary>
public sealed partial class DryRunPanel : IDisposable
{
    private readonly DryRunChoices _form = new();
    private CancellationTokenSource? _run;
    private TrialProgress? _progress;
    private DryRunReport? _report;
    private string? _failure;
    private string? _status;
    private bool _running;
    private bool _disposed;

    [Inject]
    public required IRewardTrial Trial { get; init; }

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    /// <summary>What is tried.</summary>
    [Parameter, EditorRequired]
    public required RewardDraft Draft { get; set; }

    /// <summary>Raised when the user has graded a response by hand.</summary>
    [Parameter]
    public EventCallback<HandGrade> Graded { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _disposed = true;
        _run?.Cancel();
        _run?.Dispose();
    }

    private async Task RunAsync()
    {
        _run?.Dispose();
        _run = new();
        CancellationToken cancelled = _run.Token;
        (_running, _failure, _report, _progress, _status) = (true, null, null, null, L["Starting…"]);
        _form.Seed++;
        try
        {
            DryRunReport report = await Trial.DryRunAsync(await Draft.SpecifyAsync(RewardCode, cancelled), _form.ToSource(), new Progress<TrialProgress>(Show), null, cancelled);
            (_report, _status) = (report, L["{0} responses graded.", report.Statistics.Responses]);
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException && !cancelled.IsCancellationRequested)
        {
            (_failure, _status) = (problem.Message, null);
        }
        catch (Exception) when (cancelled.IsCancellationRequested)
        {
            _status = L["Cancelled."];
        }
        finally
        {
            (_running, _progress) = (false, null);
        }
    }

    private void Cancel() => _run?.Cancel();

    private void Show(TrialProgress progress)
    {
        // What was reported before the end may arrive after it.
        if (_running && !_disposed)
        {
            _progress = progress;
            _status = progress.Total > 0 ? L["{0}: {1} of {2}", L[progress.Doing], progress.Done, progress.Total] : L[progress.Doing] + "…";
            StateHasChanged();
        }
    }
}
