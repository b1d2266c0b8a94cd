using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>
/// Probes and a small dry run of the wizard's reward function: begun with the review, repeated when function, data or model changed.
/// </summary>
public sealed class ProbeRun(IRewardTrial trial, Action changed) : IDisposable
{
    private const int DryRunPrompts = 6;
    private const int CostlyPrompts = 2;
    private const int DryRunGroup = 4;
    private const long DryRunSeed = 1;

    private CancellationTokenSource _current = new();
    private Task _probing = Task.CompletedTask;
    private Task _run = Task.CompletedTask;
    private (RewardFunctionSpecification Reward, TrainingDataSource Data, string BaseModel, NetworkIsolation? Network)? _subject;

    /// <summary>What the probes found; null while nothing is known.</summary>
    public ProbeReport? Report { get; private set; }

    /// <summary>What the dry run found; null while nothing is known.</summary>
    public DryRunReport? DryRun { get; private set; }

    /// <summary>What it means for the job; the worst first.</summary>
    public IReadOnlyList<DryRunRemark> Remarks { get; private set; } = [];

    /// <summary>Why nothing was found out.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether it is under way.</summary>
    public bool Running { get; private set; }

    /// <summary>The user saw what was found and goes on with it.</summary>
    public bool Accepted { get; set; }

    /// <summary>What would keep a job from learning the right thing, a sentence each.</summary>
    public IReadOnlyList<string> Problems =>
    [
        .. (Report?.Findings ?? []).Select(finding => finding.Saying.InReadersLanguage()),
        .. Remarks.Where(remark => remark.Tone == RemarkTone.Bad).Select(remark => remark.Saying.InReadersLanguage()),
    ];

    /// <summary>Begins, unless this function was tried on this data already.</summary>
    /// <param name="specification">The job.</param>
    /// <param name="answer">Whether its model is small enough to answer a few prompts meanwhile.</param>
    public void Begin(JobSpecification specification, bool answer)
    {
        var subject = (specification.RewardFunction, specification.TrainingData, specification.BaseModel, specification.NetworkIsolation);
        if (_subject == subject)
        {
            return;
        }

        Skip();
        _current.Dispose();
        _current = new();
        _subject = subject;
        (Report, DryRun, Remarks, Failure, Accepted, Running) = (null, null, [], null, false, true);
        CancellationToken ended = _current.Token;
        _probing = TryAsync(
            async () =>
            {
                ProbeReport report = await trial.ProbeAsync(specification.RewardFunction, specification.TrainingData, specification.NetworkIsolation, ended);
                Report = ended.IsCancellationRequested ? null : report;
            },
            ended);
        _run = RunAsync(specification, answer, ended);
    }

    /// <summary>Ends the run; the job may start without it.</summary>
    public void Skip()
    {
        Running = false;
        _current.Cancel();
    }

    /// <summary>Waits for the end, and no longer than <paramref name="limit"/>.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="dryRun">Whether to wait for the dry run too.</param>
    public Task WaitAsync(TimeSpan limit, bool dryRun) => Task.WhenAny(dryRun ? _run : _probing, Task.Delay(limit));

    /// <inheritdoc />
    public void Dispose()
    {
        _current.Cancel();
        _current.Dispose();
    }

    private async Task RunAsync(JobSpecification specification, bool answer, CancellationToken ended)
    {
        await _probing;
        // A function that cannot be used has nothing to show on real responses.
        if (answer && Failure is null)
        {
            ModelResponses source = new(specification.TrainingData, specification.BaseModel, RewardTypes.IsCostly(specification.RewardFunction) ? CostlyPrompts : DryRunPrompts, DryRunGroup, specification.Hyperparameters.InferenceMaxTokens, specification.Hyperparameters.Temperature, DryRunSeed);
            await TryAsync(
                async () =>
                {
                    DryRunReport report = await trial.DryRunAsync(specification.RewardFunction, source, null, specification.NetworkIsolation, ended);
                    (DryRun, Remarks) = ended.IsCancellationRequested ? (null, []) : (report, DryRunRemarks.Of(report.Statistics));
                },
                ended);
        }

        if (!ended.IsCancellationRequested)
        {
            Running = false;
            changed();
        }
    }

    private async Task TryAsync(Func<Task> action, CancellationToken ended)
    {
        try
        {
            await action();
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException && !ended.IsCancellationRequested)
        {
            Failure = problem.Message;
        }
        catch (Exception) when (ended.IsCancellationRequested)
        {
            // Skipped, or begun again for something else.
            return;
        }

        if (!ended.IsCancellationRequested)
        {
            changed();
        }
    }
}
