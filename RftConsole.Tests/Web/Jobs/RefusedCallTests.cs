using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class RefusedCallTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Refused_calls_are_counted_by_host_and_caller_and_logged_once()
    {
        DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        FakeJobEngine engine = new() { Says = step => [new CallsRefused(new("evil.example:443", Callers.RewardCode, time.AddMinutes(step), 2))] };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));

        JobDetails job = await console.WaitForAsync(id, JobStatus.Completed);

        Assert.Equal([new RefusedCall("evil.example:443", Callers.RewardCode, time.AddMinutes(6), 12)], job.RefusedCalls);
        Assert.Single(job.Log, line => line is { Level: "Warning", Message: "Network isolation refused 2 calls of evil.example:443 by reward code." });
    }

    [Fact]
    public async Task A_job_whose_configuration_calls_what_its_mode_refuses_is_not_queued()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        JobSpecification job = ConsoleHarness.Specification(_root, "arith") with
        {
            RewardFunction = new() { Type = "lambda", Endpoint = "http://127.0.0.1:9001", FunctionName = "f" },
            NetworkIsolation = new() { Mode = NetworkMode.None },
        };

        FieldInputException refused = await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.CreateAsync(job));

        Assert.Equal("networkIsolation", refused.Field);
        Assert.StartsWith("Network isolation: rewardFunction.endpoint: network isolation (mode none) refuses 127.0.0.1:9001", refused.Message, StringComparison.Ordinal);
    }
}
