using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Probes whose outcome a test decides.</summary>
public sealed class FakeRewardTrial : IRewardTrial
{
    public Task<ProbeReport> Outcome { get; set; } = Task.FromResult(new ProbeReport([], 80, TimeSpan.FromMilliseconds(90)));

    public int Runs { get; private set; }

    public Task<ProbeReport> ProbeAsync(JobSpecification specification, CancellationToken cancellationToken = default)
    {
        Runs++;
        return Outcome.WaitAsync(cancellationToken);
    }
}
