using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Evaluation;

/// <summary>Comparisons on a job's validation prompts, with a real model and the real sandbox.</summary>
public sealed class ModelComparisonTests : IDisposable
{
    private const string Reward = "def lambda_handler(event, context):\n    return [{'id': s['id'], 'aggregate_reward_score': (len(s['messages'][-1]['content']) % 5) / 5} for s in event]";

    private static readonly PlaygroundSettings s_greedy = new(0, 12, 1, 3);

    private readonly TemporaryFolder _root = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_set_holds_what_the_job_holds_out_and_the_rule_of_its_reward()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        JobSpecification job = await TrainAsync(console);
        IValidationSets sets = console.Services.GetRequiredService<IValidationSets>();

        ValidationSource source = (await sets.ListAsync(Cancel))[0];
        ValidationSet set = await sets.FindAsync(source.Id, Cancel);

        Assert.Equal(JobRecords.Read(job).Validation.Select(record => record.Id), set.Records.Select(record => record.Id));
        Assert.Equal(("arith", 8, 0.5, -1.0, false), (source.Title, set.Records.Count, set.AccuracyThreshold, set.FailureScore, set.IsCostly));
        await Assert.ThrowsAsync<UserInputException>(() => sets.FindAsync("job:gone", Cancel));
        await Assert.ThrowsAsync<UserInputException>(() => sets.FindAsync("/etc/passwd", Cancel));
    }

    [Fact]
    public async Task Compared_on_all_prompts_a_model_answers_and_scores_as_in_the_job_s_validation()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        JobSpecification job = await TrainAsync(console);
        ValidationSet set = await SetAsync(console);
        Reports reports = new();

        await console.Services.GetRequiredService<IModelComparison>().RunAsync(set, new([BaseId, BaseId], 100, s_greedy), reports, Cancel);

        LoadedModel model = await TestEngine.Models.LoadAsync(ConsoleHarness.BaseModelFolder);
        await using IRewardFunction reward = await RewardFunctions.CreateAsync(job.RewardFunction, ".", new(), Cancel);
        PreparedPrompts prompts = PromptEncoder.Encode(JobRecords.Read(job).Validation, model.Tokenizer, model.ChatTemplate, model.Decoder.Config.ContextLength - 1);
        IReadOnlyList<GradedCompletion[]> validation = await new Validator(model, reward, TestEngine.Compute).RunAsync(null, prompts.Prompts, SamplingOptions.Greedy(12), 1, 0, Cancel);
        Assert.Equal(validation.Select(graded => (graded[0].Text, graded[0].Result.Score)), reports.Found.Select(prompt => (prompt.Answers[0].Text!, prompt.Answers[0].Reward!.Value)));
        Assert.Equal(reports.Found.Select(prompt => prompt.Answers[0].Text), reports.Found.Select(prompt => prompt.Answers[1].Text));
        Assert.Equal((16, 16), (reports.All[^1].Done, reports.All[^1].Total));
    }

    [Fact]
    public void A_draw_of_some_prompts_is_the_seed_s_and_in_the_set_s_order()
    {
        IReadOnlyList<int> drawn = ModelComparison.Draw(100, 10, 7);

        Assert.Equal(drawn.Distinct().Order(), drawn);
        Assert.Equal(10, drawn.Count);
        Assert.Equal(drawn, ModelComparison.Draw(100, 10, 7));
        Assert.NotEqual(drawn, ModelComparison.Draw(100, 10, 8));
        Assert.Equal([0, 1, 2], ModelComparison.Draw(3, 10, 7));
    }

    [Fact]
    public async Task One_answer_is_graded_by_the_job_s_function_with_the_whole_record()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        await TrainAsync(console);
        ValidationSet set = await SetAsync(console);

        IReadOnlyList<RewardResult> grades = await console.Services.GetRequiredService<IModelComparison>().GradeAsync(set, set.Records[0], ["abc", "abcd"], Cancel);

        Assert.Equal([0.6, 0.8], grades.Select(grade => grade.Score));
    }

    [Fact]
    public async Task What_cannot_be_compared_is_refused_with_its_name_and_a_cancel_ends_it()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        await TrainAsync(console);
        ValidationSet set = await SetAsync(console);
        IModelComparison comparison = console.Services.GetRequiredService<IModelComparison>();
        Reports reports = new();

        Assert.StartsWith("Number of prompts", (await Assert.ThrowsAsync<UserInputException>(() => comparison.RunAsync(set, new([BaseId], 0, s_greedy), reports, Cancel))).Message);
        Assert.StartsWith("Temperature", (await Assert.ThrowsAsync<UserInputException>(() => comparison.RunAsync(set, new([BaseId], 1, s_greedy with { Temperature = 9 }), reports, Cancel))).Message);
        await Assert.ThrowsAsync<UserInputException>(() => comparison.RunAsync(set, new(["deployment:gone"], 1, s_greedy), reports, Cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => comparison.RunAsync(set, new([BaseId], 1, s_greedy), reports, new CancellationToken(canceled: true)));
    }

    private static string BaseId => "base:" + ConsoleHarness.BaseModelFolder;

    private static async Task<ValidationSet> SetAsync(ConsoleHarness console)
    {
        IValidationSets sets = console.Services.GetRequiredService<IValidationSets>();
        return await sets.FindAsync((await sets.ListAsync(Cancel))[0].Id, Cancel);
    }

    /// <summary>A job that has made a model of the tiny base model; returns it as the console keeps it.</summary>
    private async Task<JobSpecification> TrainAsync(ConsoleHarness console)
    {
        IEnumerable<string> lines = Enumerable.Range(1, 40).Select(i => $$"""{"messages":[{"role":"user","content":"What is {{i}} + {{i}}?"}],"reference_answer":"{{2 * i}}","id":"r{{i}}"}""");
        string id = await console.Jobs.CreateAsync(new()
        {
            Name = "arith",
            BaseModel = ConsoleHarness.BaseModelFolder,
            TrainingData = new() { File = _root.Write("train.jsonl", string.Join('\n', lines)) },
            ValidationData = new() { Share = 0.2 },
            RewardFunction = new() { File = _root.Write("reward.py", Reward) },
            Hyperparameters = new() { AccuracyThreshold = 0.5, FailureScore = -1 },
        });
        return (await console.WaitForAsync(id, JobStatus.Completed)).Specification;
    }

    private sealed class Reports : IProgress<ComparisonProgress>
    {
        public List<ComparisonProgress> All { get; } = [];

        public IEnumerable<ComparedPrompt> Found => All.SelectMany(report => report.New);

        public void Report(ComparisonProgress value) => All.Add(value);
    }
}
