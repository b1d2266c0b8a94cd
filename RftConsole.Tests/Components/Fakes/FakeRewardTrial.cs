using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Probes and dry runs whose outcome a test decides.</summary>
public sealed class FakeRewardTrial : IRewardTrial
{
    public Task<ProbeReport> Outcome { get; set; } = Task.FromResult(new ProbeReport([], 80, TimeSpan.FromMilliseconds(90)));

    public Func<ResponseSource, IProgress<TrialProgress>?, Task<DryRunReport>> DryRun { get; set; } = (_, _) => Task.FromResult(new DryRunReport([], 0, TimeSpan.Zero));

    /// <summary>What hand-graded examples get.</summary>
    public IReadOnlyList<RewardResult> Grades { get; set; } = [];

    public int Runs { get; private set; }

    public List<(RewardFunctionSpecification Reward, ResponseSource Source)> DryRuns { get; } = [];

    public Task<ProbeReport> ProbeAsync(RewardFunctionSpecification reward, TrainingDataSource data, NetworkIsolation? isolation = null, CancellationToken cancellationToken = default)
    {
        Runs++;
        return Outcome.WaitAsync(cancellationToken);
    }

    public Task<DryRunReport> DryRunAsync(RewardFunctionSpecification reward, ResponseSource source, IProgress<TrialProgress>? progress = null, NetworkIsolation? isolation = null, CancellationToken cancellationToken = default)
    {
        DryRuns.Add((reward, source));
        return DryRun(source, progress).WaitAsync(cancellationToken);
    }

    public Task<IReadOnlyList<RewardResult>> GradeAsync(RewardFunctionSpecification reward, IReadOnlyList<GradedExample> examples, CancellationToken cancellationToken = default) => Task.FromResult(Grades);
}
