using RftConsole.Tests.Network;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;

namespace RftConsole.Tests.Jobs;

/// <summary>Whole jobs with network isolation.</summary>
public sealed class IsolatedJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_reward_code_was_refused_is_told_and_kept_while_the_job_goes_on()
    {
        await using LocalServer allowed = await LocalServer.StartAsync();
        await using LocalServer other = await LocalServer.StartAsync();
        JobSpecification job = Job($$"""
            import urllib.request, urllib.error
            def reach(url):
                try:
                    return float(urllib.request.urlopen(url, timeout=5).read() == b"reached")
                except OSError:
                    return 0.0
            def lambda_handler(event, context):
                return [{"id": s["id"], "aggregate_reward_score": reach("{{allowed.Address}}") - reach("{{other.Address}}")} for s in event]
            """) with { NetworkIsolation = new() { Mode = NetworkMode.Hosts, Hosts = [allowed.Place] } };
        List<JobEvent> events = [];

        JobFinished finished = await SmallJob.RunAsync(Folder, events.Add, job: job);

        Assert.Equal(JobOutcome.Completed, finished.Outcome);
        Assert.Equal(1, events.OfType<StepCompleted>().Last().Metrics[MetricNames.Reward]);
        RefusedCall[] refused = [.. events.OfType<CallsRefused>().Select(e => e.Call)];
        Assert.All(refused, call => Assert.Equal((other.Place, Callers.RewardCode), (call.Host, call.Caller)));
        Assert.True(refused.Sum(call => call.Count) >= 4 + 16);
        Assert.Empty(other.Requests);
        Assert.Equal(refused.Length, (await File.ReadAllLinesAsync(new JobFolder(Folder).RefusedCalls, TestContext.Current.CancellationToken)).Length);
        Assert.Contains("\"networkIsolation\"", await File.ReadAllTextAsync(new JobFolder(Folder).Specification, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_that_the_mode_refuses_ends_the_command_with_the_field()
    {
        string job = _folder.Write("job.json", """
            {"name":"n","baseModel":"starter","trainingData":{"sampleData":"arithmetic"},"networkIsolation":{"mode":"none"},
             "rewardFunction":{"type":"modelAsJudge","judgeModel":{"baseUrl":"https://judge.example/v1","model":"m"},"instructions":"Grade."}}
            """);

        var result = await Cli.Engine.RunAsync("train", "--job", job, "--output", Folder);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("rewardFunction.judgeModel.baseUrl: network isolation (mode none) refuses judge.example:443; allow it with mode hosts, or set the mode to off", result.Errors[^1]);
    }

    private string Folder => Path.Combine(_folder.Path, "run");

    private JobSpecification Job(string reward) => SmallJob.Specification with
    {
        RewardFunction = new() { File = _folder.Write("reward.py", reward) },
        Hyperparameters = SmallJob.Specification.Hyperparameters with { MaxSteps = 1, EvalInterval = 1 },
        ValidationData = new() { Share = 0.01 },
    };
}
