using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Http;

using RftConsole.Tests.Rewards;
using RftConsole.Tests.Rewards.Judge;
using RftConsole.Tests.Rewards.Remote;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Jobs;

/// <summary>Whole jobs whose reward is not code of this machine: what grades may fail, and never teaches anything by it.</summary>
public sealed class JudgedJobTests : IAsyncLifetime
{
    private const string Key = "sk-of-a-test";

    private readonly TemporaryFolder _folder = new();
    private JudgeServer _judge = null!;

    public async ValueTask InitializeAsync()
    {
        _judge = await JudgeServer.StartAsync();
        _judge.Answer = request => Task.FromResult(Verdict(request));
    }

    public async ValueTask DisposeAsync()
    {
        await _judge.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_model_of_the_console_judges_and_two_runs_are_the_same()
    {
        var job = Job(new() { Type = "modelAsJudge", Template = "instruction-following", JudgeModel = new("starter") });
        List<JobEvent> events = [];

        var first = await RunAsync("a", job, events);
        await RunAsync("b", job);

        Assert.Equal((JobOutcome.Completed, 3), (first.Outcome, first.Steps));
        Assert.Equal(0.5, events.OfType<JobPlanned>().Single().Hyperparameters.AccuracyThreshold);
        Assert.Contains(events.OfType<RolloutsGraded>().SelectMany(step => step.Rollouts), rollout => rollout.Reward is > 0 and < 1 && rollout.Advantage != 0);
        Assert.Contains(events.OfType<JobWarning>(), warning => warning.Code == "judge-context");
        SmallJob.AssertSame(Folder("a"), Folder("b"));
    }

    [Fact]
    public async Task A_judge_that_dies_in_the_middle_pauses_the_job_and_later_it_ends_as_if_nothing_had_happened()
    {
        var job = Job(Endpoint());
        await RunAsync("reference", job);
        int asked = _judge.Requests.Count;

        // In the middle of the calls of some later step, from then on every connection breaks.
        int last = _judge.Requests.Count + (asked * 2 / 3);
        _judge.Answer = request =>
        {
            if (request.Number > last)
            {
                request.Http.Abort();
            }

            return Task.FromResult(Verdict(request));
        };
        var paused = await RunAsync("run", job);
        Assert.Equal(JobOutcome.Paused, paused.Outcome);
        Assert.Contains("the judge m at ", paused.Message, StringComparison.Ordinal);
        Assert.Contains("tried 4 times", paused.Message, StringComparison.Ordinal);
        Assert.InRange(paused.Steps, 1, 2);

        // It comes back at another address.
        await using JudgeServer moved = await JudgeServer.StartAsync();
        moved.Answer = request => Task.FromResult(Verdict(request));
        var finished = await RunAsync("run", Job(Endpoint(moved.BaseUrl)));

        Assert.Equal(JobOutcome.Completed, finished.Outcome);
        SmallJob.AssertSame(Folder("reference"), Folder("run"));
        Assert.True(moved.Requests.Count < asked, "answers that were there already are asked again");
        Assert.All(Directory.GetFiles(Folder("run"), "*", SearchOption.AllDirectories), file => Assert.DoesNotContain(Key, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_completion_without_a_verdict_has_no_part_in_its_group()
    {
        List<JobEvent> events = [];
        HashSet<string> silent = [];
        int validations = 0;

        // The first question of each step, of which it has 32 and a few that are equal.
        _judge.Answer = request =>
        {
            lock (silent)
            {
                int begun = events.OfType<ValidationCompleted>().Count();
                if (begun > validations)
                {
                    validations = begun;
                    silent.Add(request.Texts[0]);
                }

                return Task.FromResult(silent.Contains(request.Texts[0]) ? JudgeServer.Completion("I cannot say.") : Verdict(request));
            }
        };
        var finished = await RunAsync("run", Job(Endpoint(), batchSize: 8), events);

        Assert.Equal((JobOutcome.Completed, null), (finished.Outcome, finished.Message));
        var groups = events.OfType<RolloutsGraded>().SelectMany(step => step.Rollouts).GroupBy(rollout => (rollout.Step, rollout.PromptIndex)).Where(group => group.Any(rollout => rollout.Unjudged is not null)).ToArray();
        Assert.NotEmpty(groups);
        foreach (var group in groups)
        {
            double[] judged = [.. group.Where(rollout => rollout.Unjudged is null).Select(rollout => rollout.Reward!.Value)];
            double mean = judged.Average(), deviation = Math.Sqrt(judged.Sum(x => (x - mean) * (x - mean)) / (judged.Length - 1));
            Assert.All(group.Where(rollout => rollout.Unjudged is not null), rollout => Assert.Equal((null, 0.0), (rollout.Reward, rollout.Advantage)));
            Assert.All(group.Where(rollout => rollout.Unjudged is null), rollout => Assert.Equal(judged.Distinct().Count() == 1 ? 0 : (rollout.Reward!.Value - mean) / (deviation + 1e-4), rollout.Advantage, 1e-9));
        }

        Assert.Equal(
            groups.Sum(group => group.Count(rollout => rollout.Unjudged is not null)),
            events.OfType<StepCompleted>().Sum(step => step.Metrics[MetricNames.RewardUnjudged]));
        Assert.Contains(events.OfType<JobWarning>(), warning => warning.Code == "reward-unjudged");
    }

    [Fact]
    public async Task A_judge_that_rambles_pauses_the_job_and_one_that_is_mended_lets_it_end_as_if_nothing_had_happened()
    {
        var job = Job(Endpoint());
        await RunAsync("reference", job);
        int asked = _judge.Requests.Count;
        _judge.Answer = request => Task.FromResult(request.Number > asked * 5 / 3 ? JudgeServer.Completion("Well, hm.") : Verdict(request));

        var paused = await RunAsync("run", job);
        Assert.Equal(JobOutcome.Paused, paused.Outcome);
        Assert.Contains("The judge gave no verdict on ", paused.Message, StringComparison.Ordinal);
        Assert.Contains("Well, hm.", paused.Message, StringComparison.Ordinal);

        _judge.Answer = request => Task.FromResult(Verdict(request));
        Assert.Equal(JobOutcome.Completed, (await RunAsync("run", job)).Outcome);
        SmallJob.AssertSame(Folder("reference"), Folder("run"));
    }

    [Fact]
    public async Task A_remote_function_grades_a_job_and_may_go_and_come_back()
    {
        await using LambdaServer server = await LambdaServer.StartAsync();
        server.Function = samples => LambdaAnswer.Scores(samples, response => response.Length % 7 / 7.0);
        var job = Job(new() { Type = "lambda", Endpoint = server.Endpoint, FunctionName = "grade" });
        await RunAsync("reference", job);

        int before = server.Paths.Count;
        server.Intercept = number => number > before + (before / 2) ? LambdaServer.Error(503, "ServiceUnavailableException", "gone") : null;
        var paused = await RunAsync("run", job);
        Assert.Equal((JobOutcome.Paused, "the function grade: it answers 503 ServiceUnavailableException: gone (tried 4 times)"), (paused.Outcome, paused.Message));

        server.Intercept = _ => null;
        Assert.Equal(JobOutcome.Completed, (await RunAsync("run", job)).Outcome);
        SmallJob.AssertSame(Folder("reference"), Folder("run"));
    }

    [Fact]
    public async Task Several_rewards_grade_together_each_with_a_chart_of_its_own_and_one_that_dies_pauses_all()
    {
        var job = Job(new()
        {
            Type = "weighted",
            Parts = [new() { Weight = 0.75, RewardFunction = new() { Template = "math-reasoning" } }, new() { Name = "style", Weight = 0.25, RewardFunction = Endpoint() }],
        });
        List<JobEvent> events = [];

        Assert.Equal(JobOutcome.Completed, (await RunAsync("a", job, events)).Outcome);
        var metrics = events.OfType<StepCompleted>().First().Metrics;
        Assert.Equal(metrics[MetricNames.Reward], (0.75 * metrics["rewards/math-reasoning/mean"]) + (0.25 * metrics["rewards/style/mean"]), 1e-9);
        Assert.Contains("eval/rewards/style/mean", events.OfType<ValidationCompleted>().First().Metrics.Keys);
        Assert.Equal(0.875, events.OfType<JobPlanned>().Single().Hyperparameters.AccuracyThreshold);

        int asked = _judge.Requests.Count;
        _judge.Answer = request => Task.FromResult(request.Number > asked + 12 ? JudgeServer.Error(500, "broken") : Verdict(request));
        var paused = await RunAsync("b", job);
        Assert.Equal(JobOutcome.Paused, paused.Outcome);
        Assert.Contains("it answers 500: broken", paused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_without_its_key_ends_the_command_with_status_2_and_the_field()
    {
        string job = _folder.Write("job.json", JobSpecificationFile.Serialize(Job(Endpoint())));

        var result = await Cli.Engine.RunAsync("train", "--job", job, "--output", Folder("run"));

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("rewardFunction.judgeModel.apiKeyEnv: the environment variable JUDGED_JOB_KEY is not set.", result.Errors[^1]);
    }

    private static IResult Verdict(JudgeRequest request) => JudgeServer.Completion($$"""{"score": 0.{{Hash(request) % 1000:000}}, "reasoning": "as it is"}""");

    /// <summary>A number that is a function of what is judged.</summary>
    private static uint Hash(JudgeRequest request) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(request.Texts[0])));

    private static JobSpecification Job(RewardFunctionSpecification reward, int batchSize = 4) => SmallJob.Specification with
    {
        RewardFunction = reward,
        Hyperparameters = SmallJob.Specification.Hyperparameters with { BatchSize = batchSize, MaxSteps = 3, EvalInterval = 1, InferenceMaxTokens = 24 },
    };

    private RewardFunctionSpecification Endpoint(string? url = null) =>
        new() { Type = "modelAsJudge", JudgeModel = new(null, url ?? _judge.BaseUrl, "m", "JUDGED_JOB_KEY"), Instructions = "Grade {completion} as an answer to {prompt}." };

    private string Folder(string name) => Path.Combine(_folder.Path, name);

    private async Task<JobFinished> RunAsync(string folder, JobSpecification job, List<JobEvent>? events = null)
    {
        RewardServices services = new() { Secret = name => name == "JUDGED_JOB_KEY" ? Key : null };
        return await new RftJob(job, Folder(folder), TestEngine.Models, new PassingTime(), services).RunAsync(
            e =>
            {
                events?.Add(e);
                return ValueTask.CompletedTask;
            },
            new());
    }
}
