using RftConsole.Tests.Components.Fakes;
using RftConsole.Tests.Rewards.Remote;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Compute;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Web.Rewards;

/// <summary>Dry runs in the real sandbox, of pasted responses, of an earlier job's rollouts, and of a real model's answers.</summary>
public sealed class RewardTrialTests : IAsyncDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeJobs _jobs = new();
    private readonly ComputeThread _compute = new();
    private readonly ModelHost _models;

    public RewardTrialTests() => _models = new(_compute);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RewardTrial Trial => new(_models, _jobs, new FakeJudgeEndpoints());

    public async ValueTask DisposeAsync()
    {
        await _models.DisposeAsync();
        await _compute.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task Pasted_responses_are_graded_with_what_the_function_prints()
    {
        DryRunReport report = await Trial.DryRunAsync(
            Code("def lambda_handler(event, context):\n    print('seen', len(event))\n    return [{'id': s['id'], 'aggregate_reward_score': float(s['messages'][-1]['content'] == s['reference_answer']['value'])} for s in event]"),
            new PastedResponses("2 + 2?", """{"value":"4"}""", ["4", "5"]),
            null,
            null,
            Cancel);

        Assert.Equal([1.0, 0.0], Assert.Single(report.Groups).Responses.Select(response => response.Result.Score));
        Assert.Contains("seen 2", report.Groups[0].Responses[0].Result.Output, StringComparison.Ordinal);
        Assert.True(report.Elapsed > TimeSpan.Zero);
    }

    [Fact]
    public async Task Rollouts_of_a_job_are_graded_with_the_whole_record_that_they_answered()
    {
        string data = _root.Write("train.jsonl", """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2 + 2?"}],"reference_answer":"4","id":"a","level":"easy"}""");
        var job = SampleJob.Make("one");
        _jobs["one"] = job with { Specification = job.Specification with { TrainingData = new() { File = data } } };
        _jobs.AddRollouts("one", Rollout(0, 0, "a", "4"), Rollout(0, 1, "a", "five"), Rollout(1, 0, "gone", "x"));

        DryRunReport report = await Trial.DryRunAsync(
            Code("def lambda_handler(event, context):\n    return [{'id': s['id'], 'aggregate_reward_score': len(s['messages']) / 10 + (0.5 if s['metadata'].get('level') == 'easy' else 0)} for s in event]"),
            new JobRollouts("one", 8),
            null,
            null,
            Cancel);

        Assert.Equal(["a", "gone"], report.Groups.Select(group => group.Record.Id).Order());
        Assert.Equal([0.8, 0.8], report.Groups.Single(group => group.Record.Id == "a").Responses.Select(response => response.Result.Score));
        Assert.Equal([0.2], report.Groups.Single(group => group.Record.Id == "gone").Responses.Select(response => response.Result.Score));
    }

    [Fact]
    public async Task A_model_answers_drawn_prompts_in_groups_and_progress_is_told()
    {
        List<TrialProgress> told = [];
        DryRunReport report = await Trial.DryRunAsync(
            new() { Template = "math-reasoning" },
            new ModelResponses(new() { SampleData = "arithmetic" }, BaseModels.Starter, 3, 2, 12, 1, 7),
            new Direct(told.Add),
            null,
            Cancel);

        Assert.Equal([2, 2, 2], report.Groups.Select(group => group.Responses.Count));
        Assert.Equal(3, report.Groups.Select(group => group.Record.Id).Distinct().Count());
        Assert.Contains(new TrialProgress("The model answers", 6, 6), told);
        Assert.Equal(new TrialProgress("Grading", 6, 6), told[^1]);
    }

    [Theory]
    [InlineData(0, 2, "Prompts: 0 is outside its range of 1 to 256.")]
    [InlineData(2, 65, "Responses to each: 65 is outside its range of 1 to 64.")]
    public async Task A_number_out_of_range_is_named(int prompts, int groupSize, string message)
    {
        ModelResponses source = new(new() { SampleData = "arithmetic" }, BaseModels.Starter, prompts, groupSize, 12, 1, 7);

        Assert.Equal(message, (await Assert.ThrowsAsync<UserInputException>(() => Trial.DryRunAsync(new() { Template = "math-reasoning" }, source, null, null, Cancel))).Message);
    }

    [Fact]
    public async Task What_is_wrong_with_the_code_is_said_before_a_model_answers()
    {
        ModelResponses source = new(new() { SampleData = "arithmetic" }, "no-such-model", 3, 2, 12, 1, 7);

        UserInputException refused = await Assert.ThrowsAnyAsync<UserInputException>(() => Trial.DryRunAsync(Code("import boto3\ndef lambda_handler(event, context): return []"), source, null, null, Cancel));

        Assert.Contains("boto3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_show_every_kind_of_response_with_its_scores()
    {
        ProbeReport report = await Trial.ProbeAsync(Code("def lambda_handler(event, context):\n    return [{'id': s['id'], 'aggregate_reward_score': 1.0} for s in event]"), new() { SampleData = "arithmetic" }, null, Cancel);

        Assert.Equal(Enum.GetValues<ProbeKind>(), report.Rows.Select(row => row.Kind));
        Assert.Equal(report.Probes, report.Rows.Sum(row => row.Tried));
        Assert.All(report.Rows, row => Assert.Equal((1.0, 1.0), (row.Lowest, row.Highest)));
        Assert.NotNull(report.Rows.Single(row => row.Kind == ProbeKind.Refusal).Finding);
        Assert.Null(report.Rows.Single(row => row.Kind == ProbeKind.ReferenceAnswer).Finding);
    }

    [Fact]
    public async Task Hand_graded_examples_are_graded_in_order_also_where_their_records_share_an_id()
    {
        GradedExample[] examples = [.. new[] { "4", "5", "4" }.Select((response, index) => new GradedExample($"x{index}", PlainRecord.Of("example", "2 + 2?", "4"), response, 1))];

        var results = await Trial.GradeAsync(new() { Template = "math-reasoning" }, examples, Cancel);

        Assert.Equal([1.0, 0.0, 1.0], results.Select(result => result.Score));
    }

    [Fact]
    public async Task A_remote_function_is_tried_like_any_other()
    {
        await using LambdaServer server = await LambdaServer.StartAsync();
        FakeJudgeEndpoints secrets = new() { Secrets = { ["TEST_KEY"] = LambdaServer.KeyId, ["TEST_SECRET"] = LambdaServer.Secret } };
        RewardFunctionSpecification remote = new()
        {
            Type = RewardFunctionSpecification.Lambda,
            FunctionName = "my-reward",
            Endpoint = server.Endpoint,
            Region = "eu-west-1",
            Credentials = new() { AccessKeyIdEnv = "TEST_KEY", SecretAccessKeyEnv = "TEST_SECRET" },
        };
        RewardTrial trial = new(_models, _jobs, secrets);

        DryRunReport dryRun = await trial.DryRunAsync(remote, new PastedResponses("2 + 2?", "4", ["4", "5"]), null, null, Cancel);
        ProbeReport probes = await trial.ProbeAsync(remote, new() { SampleData = "arithmetic" }, null, Cancel);

        Assert.Equal([1.0, 1.0], Assert.Single(dryRun.Groups).Responses.Select(response => response.Result.Score));
        Assert.NotEmpty(probes.Findings);
        // Two records, and not the six that code is probed with: each call may cost.
        Assert.Equal(2 * 20, probes.Probes);
    }

    private RewardFunctionSpecification Code(string source) => new() { File = _root.Write("reward.py", source) };

    private static Rollout Rollout(int prompt, int sample, string record, string completion) => new(1, prompt, sample, record, "2 + 2?", completion, 3, "stop", 0, 0, "4", [], null, "");

    private sealed class Direct(Action<TrialProgress> tell) : IProgress<TrialProgress>
    {
        public void Report(TrialProgress value) => tell(value);
    }
}
