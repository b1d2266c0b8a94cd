using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Jobs;

/// <summary>The pure parts of a step: its prompts, its metrics, the job's progress, and what is worth a warning.</summary>
public sealed class StepTests
{
    [Theory]
    [InlineData(12, 4)]
    [InlineData(13, 4)]
    [InlineData(9, 16)]
    public void Each_prompt_comes_once_an_epoch_in_an_order_of_its_own(int rows, int batchSize)
    {
        EncodedPrompt[] prompts = [.. Enumerable.Range(0, rows).Select(i => Prompt($"r{i}"))];
        var h = new Hyperparameters { BatchSize = batchSize };
        int perEpoch = StepPrompts.StepsPerEpoch(rows, h);
        Assert.Equal((int)Math.Ceiling(rows / (double)batchSize), perEpoch);
        var epochs = Enumerable.Range(0, 3).Select(epoch => Enumerable.Range((epoch * perEpoch) + 1, perEpoch).SelectMany(step => StepPrompts.Of(prompts, h, step)).Select(x => x.Record.Id).ToArray()).ToArray();

        Assert.All(epochs, x => Assert.Equal(prompts.Select(p => p.Record.Id).Order(), x.Order()));
        Assert.Equal(3, epochs.Select(x => string.Join(',', x)).Distinct().Count());
        Assert.Equal(epochs[1][..Math.Min(batchSize, rows)], StepPrompts.Of(prompts, h, perEpoch + 1).Select(x => x.Record.Id));
        Assert.NotEqual(epochs[0], Enumerable.Range(1, perEpoch).SelectMany(step => StepPrompts.Of(prompts, h with { Seed = 43 }, step)).Select(x => x.Record.Id).ToArray());
    }

    [Fact]
    public void The_baseline_is_no_best_step_and_the_last_of_equals_is_the_best_without_being_an_improvement()
    {
        var progress = new JobProgress().Validated(Reward(0.9));
        Assert.Equal((null, 0, 0.9), (progress.BestStep, progress.EvaluationsWithoutBetter, progress.Baseline![MetricNames.ValidationReward]));

        progress = (progress with { Step = 2 }).Validated(Reward(0.5));
        Assert.Equal((2, 0, 0.5), (progress.BestStep, progress.EvaluationsWithoutBetter, progress.Best![MetricNames.ValidationReward]));
        progress = (progress with { Step = 4 }).Validated(Reward(0.5));
        Assert.Equal((4, 1), (progress.BestStep, progress.EvaluationsWithoutBetter));
        progress = (progress with { Step = 6 }).Validated(Reward(0.4));
        Assert.Equal((4, 2), (progress.BestStep, progress.EvaluationsWithoutBetter));
        progress = (progress with { Step = 8 }).Validated(Reward(0.6));
        Assert.Equal((8, 0, 0.6, 0.9), (progress.BestStep, progress.EvaluationsWithoutBetter, progress.Best![MetricNames.ValidationReward], progress.Baseline![MetricNames.ValidationReward]));
    }

    [Fact]
    public void Metrics_of_rollouts_are_those_computed_by_hand()
    {
        GradedCompletion[][] groups =
        [
            [Graded(1, 2, true, ("format", 1)), Graded(0, 4, true, ("format", 0)), Graded(0, 6, false)],
            [Graded(0.5, 1, true), Graded(0.5, 1, true), Graded(0.5, 4, false, error: "broken")],
        ];
        var metrics = StepMetricsBuilder.OfRollouts(groups, accuracyThreshold: 0.5);

        Assert.Equal(2.5 / 6, metrics[MetricNames.Reward], 1e-12);

        // First group: mean 1/3; squares 4/9 + 1/9 + 1/9 = 2/3, over 2; second: 0.
        Assert.Equal(Math.Sqrt(1 / 3.0) / 2, metrics[MetricNames.RewardStd], 1e-12);
        Assert.Equal(0.5, metrics[MetricNames.RewardMargin]);
        Assert.Equal(3 / 6.0, metrics[MetricNames.Accuracy]);
        Assert.Equal(0.5, metrics[MetricNames.ZeroSpreadShare]);
        Assert.Equal(1, metrics[MetricNames.RewardErrors]);
        Assert.Equal((3, 1, 6), (metrics[MetricNames.MeanLength], metrics[MetricNames.MinLength], metrics[MetricNames.MaxLength]));
        Assert.Equal(2 / 6.0, metrics[MetricNames.ClippedRatio], 1e-12);
        Assert.Equal(0.5, metrics["rewards/format/mean"]);
        Assert.Equal(Math.Sqrt(0.5), metrics["rewards/format/std"], 1e-12);
    }

    [Fact]
    public void Completions_without_a_verdict_are_counted_and_change_no_figure_of_the_rewards()
    {
        GradedCompletion[] judged = [Graded(1, 2, true, ("format", 1)), Graded(0.25, 4, true, ("format", 0)), Graded(0.5, 3, true)];
        var without = StepMetricsBuilder.OfRollouts([judged], 0.5);
        var with = StepMetricsBuilder.OfRollouts([[.. judged, Unjudged()], [Unjudged(), Unjudged()]], 0.5);

        Assert.Equal((0, 3), (without[MetricNames.RewardUnjudged], with[MetricNames.RewardUnjudged]));
        Assert.All(
            [MetricNames.Reward, MetricNames.RewardStd, MetricNames.RewardMargin, MetricNames.Accuracy, MetricNames.ZeroSpreadShare, "rewards/format/mean", "rewards/format/std"],
            name => Assert.Equal(without[name], with[name]));
        Assert.Equal(StepMetricsBuilder.OfValidation(judged, 0.5)[MetricNames.ValidationReward], StepMetricsBuilder.OfValidation([Unjudged(), .. judged], 0.5)[MetricNames.ValidationReward]);
        Assert.Equal("reward-unjudged", Assert.Single(new StepHealth().After(1, with)).Code);
    }

    [Fact]
    public void More_than_a_tenth_without_a_verdict_pauses_and_a_tenth_does_not()
    {
        GradedCompletion[] tenth = [Unjudged(), .. Enumerable.Repeat(Graded(1, 1, true), 9)];
        GradingRules.RefuseMissingVerdicts("step 3", tenth);

        var error = Assert.Throws<RewardInfrastructureException>(() => GradingRules.RefuseMissingVerdicts("step 3", tenth[..9]));

        Assert.Contains("no verdict on 1 of 9 completions of step 3", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(": no JSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_odd_score_is_told_once()
    {
        var health = new StepHealth();
        var odd = Graded(1, 1, true);
        odd = odd with { Result = odd.Result with { Warning = "the judge scored 8" } };

        Assert.Empty(health.OfResults(1, [[Graded(1, 1, true)]]));
        Assert.Equal(("reward-odd", "the judge scored 8"), Assert.Single(health.OfResults(1, [[Graded(1, 1, true), odd]]).Select(found => (found.Code, found.Seen))));
        Assert.Empty(health.OfResults(1, [[odd]]));
    }

    [Fact]
    public void Metrics_of_a_validation_have_their_prefix()
    {
        var metrics = StepMetricsBuilder.OfValidation([Graded(1, 2, true, ("format", 1)), Graded(0, 5, false, ("format", 0))], 1);

        Assert.Equal(["eval/accuracy", "eval/completions/mean_length", "eval/reward", "eval/rewards/format/mean"], metrics.Keys);
        Assert.Equal([0.5, 3.5, 0.5, 0.5], metrics.Values);
    }

    [Fact]
    public void Zero_spread_is_told_once_after_five_steps_and_not_of_a_solved_task()
    {
        var health = new StepHealth();
        for (int i = 0; i < 4; i++)
        {
            Assert.Empty(health.After(1, Step(zeroSpread: 0.9)));
        }

        Assert.Equal("zero-spread", Assert.Single(health.After(1, Step(zeroSpread: 0.9))).Code);
        Assert.Empty(health.After(1, Step(zeroSpread: 0.9)));

        var solved = new StepHealth();
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Empty(solved.After(1, Step(zeroSpread: 0.9, accuracy: 0.99))));
        var mixed = new StepHealth();
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Empty(mixed.After(1, Step(zeroSpread: 0.5))));
    }

    [Fact]
    public void Cut_off_completions_and_failing_rewards_are_told_at_once_and_once()
    {
        var health = new StepHealth();

        Assert.Empty(health.After(1, Step(clipped: 0.5)));
        Assert.Equal(["clipped", "reward-errors"], health.After(1, Step(clipped: 0.6, errors: 2)).Select(x => x.Code));
        Assert.Empty(health.After(1, Step(clipped: 0.6, errors: 2)));
    }

    [Theory]
    [InlineData(0.96, 1, "baseline-high")]
    [InlineData(0, 0, "baseline-zero")]
    [InlineData(0, 0.2, null)]
    [InlineData(0.5, 0.5, null)]
    public void A_baseline_that_leaves_nothing_to_learn_is_told(double accuracy, double reward, string? code) => Assert.Equal(
        code is null ? [] : [code],
        StepHealth.OfBaseline(new Dictionary<string, double> { [MetricNames.ValidationAccuracy] = accuracy, [MetricNames.ValidationReward] = reward }).Select(x => x.Code));

    private static Dictionary<string, double> Reward(double value) => new() { [MetricNames.ValidationReward] = value };

    private static Dictionary<string, double> Step(double zeroSpread = 0, double accuracy = 0.3, double clipped = 0, double errors = 0) => new()
    {
        [MetricNames.ZeroSpreadShare] = zeroSpread, [MetricNames.Accuracy] = accuracy, [MetricNames.ClippedRatio] = clipped, [MetricNames.RewardErrors] = errors,
    };

    private static EncodedPrompt Prompt(string id) => new(new TrainingRecord(id, [new("user", "?")], null, []), [1]);

    private static GradedCompletion Unjudged() => new(Prompt("r"), new Completion(new int[3], new float[3], true), "", RewardResult.WithoutVerdict("r:0", "no JSON", ""));

    private static GradedCompletion Graded(double score, int length, bool ended, (string Name, double Value)? metric = null, string? error = null) => new(
        Prompt("r"),
        new Completion(new int[length], new float[length], ended),
        "",
        new RewardResult("r:0", score, metric is { } m ? [new(m.Name, m.Value, RewardMetricType.Metric)] : [], error, ""));
}
