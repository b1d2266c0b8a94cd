using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>The probes of the wizard's reward function: begun with the review, repeated when function or data changed.</summary>
public sealed class ProbeRun(IRewardTrial trial, Action changed) : IDisposable
{
    private CancellationTokenSource _current = new();
    private Task _run = Task.CompletedTask;
    private (RewardFunctionSpecification Reward, TrainingDataSource Data)? _subject;

    /// <summary>What was found; null while nothing is known.</summary>
    public ProbeReport? Report { get; private set; }

    /// <summary>Why nothing was found out.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether it is under way.</summary>
    public bool Running { get; private set; }

    /// <summary>The user saw what was found and goes on with it.</summary>
    public bool Accepted { get; set; }

    /// <summary>Begins, unless this function was tried on this data already.</summary>
    public void Begin(JobSpecification specification)
    {
        if (_subject == (specification.RewardFunction, specification.TrainingData))
        {
            return;
        }

        Skip();
        _current.Dispose();
        _current = new();
        _subject = (specification.RewardFunction, specification.TrainingData);
        (Report, Failure, Accepted) = (null, null, false);
        _run = RunAsync(specification, _current.Token);
    }

    /// <summary>Ends the run; the job may start without it.</summary>
    public void Skip()
    {
        Running = false;
        _current.Cancel();
    }

    /// <summary>Waits for the end, and no longer than <paramref name="limit"/>.</summary>
    public Task WaitAsync(TimeSpan limit) => Task.WhenAny(_run, Task.Delay(limit));

    /// <inheritdoc />
    public void Dispose()
    {
        _current.Cancel();
        _current.Dispose();
    }

    private async Task RunAsync(JobSpecification specification, CancellationToken cancellationToken)
    {
        Running = true;
        try
        {
            ProbeReport report = await trial.ProbeAsync(specification, cancellationToken);
            if (!cancellationToken.IsCancellationRequested)
            {
                Report = report;
            }
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException && !cancellationToken.IsCancellationRequested)
        {
            Failure = problem.Message;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Skipped, or begun again for something else.
            return;
        }

        if (!cancellationToken.IsCancellationRequested)
        {
            Running = false;
            changed();
        }
    }
}
