using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>Hand-graded examples of a function, and how far what is in the editor agrees with them.</summary>
public sealed partial class ExamplesPanel
{
    private IReadOnlyList<GradedExample>? _examples;
    private Dictionary<string, RewardResult>? _results;
    private Agreement? _agreement;
    private CancellationTokenSource? _run;
    private double _threshold = 1;
    private string _prompt = "";
    private string _reference = "";
    private string _response = "";
    private string? _failure;
    private string? _status;
    private bool _running;

    [Inject]
    public required IGradedExamples Examples { get; init; }

    [Inject]
    public required IRewardTrial Trial { get; init; }

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    /// <summary>The function that they are kept with.</summary>
    [Parameter, EditorRequired]
    public required string RewardId { get; set; }

    /// <summary>What is compared with them.</summary>
    [Parameter, EditorRequired]
    public required RewardDraft Draft { get; set; }

    /// <inheritdoc />
    protected override object? Scope => RewardId;

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Examples.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _examples = await Examples.ListAsync(RewardId, cancellationToken);

    /// <inheritdoc />
    protected override void OnDisposed()
    {
        _run?.Cancel();
        _run?.Dispose();
    }

    private static string Prompt(GradedExample example) => example.Record.Messages.LastOrDefault(message => message.Role == "user")?.Content ?? "";

    private static double? Score(RewardResult result) => result is { Error: null, IsJudged: true } ? result.Score : null;

    private bool Disagrees(GradedExample example, double score) => example.Grade >= Agreement.PassGrade != Agreement.Passes(score, _threshold);

    private async Task CompareAsync()
    {
        _run?.Dispose();
        _run = new();
        CancellationToken cancelled = _run.Token;
        IReadOnlyList<GradedExample> examples = _examples!;
        (_running, _failure, _results, _agreement, _status) = (true, null, null, null, L["Grading…"]);
        try
        {
            var specification = await Draft.SpecifyAsync(RewardCode, cancelled);
            IReadOnlyList<RewardResult> results = await Trial.GradeAsync(specification, examples, cancelled);
            _threshold = RewardSpecificationRules.AccuracyThreshold(specification);
            _results = examples.Zip(results).ToDictionary(pair => pair.First.Id, pair => pair.Second);
            _agreement = Agreement.Of([.. examples.Zip(results, (example, result) => new GradedPair(example.Grade, Score(result)))], _threshold);
            _status = L["A score of at least {0:0.##} is a pass.", _threshold];
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
            _running = false;
        }
    }

    private Task AddAsync(double grade) => TryAsync(async () =>
    {
        if (string.IsNullOrWhiteSpace(_prompt))
        {
            throw new UserInputException(L["Prompt of the example: write what was asked."]);
        }

        await Examples.GradeAsync(RewardId, PlainRecord.Of("example", _prompt, _reference), _response, grade, Ended);
        _response = "";
    });

    private async Task TryAsync(Func<Task> action)
    {
        _failure = null;
        try
        {
            await action();
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
