using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Combined;

namespace RftConsole.Tests.Rewards;

/// <summary>Several rewards with weights: the sum, its metrics, its identity, and that a part that failed never becomes a score.</summary>
public sealed class WeightedRewardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_score_is_the_sum_of_weight_times_score_and_each_part_is_a_metric()
    {
        await using WeightedRewardFunction weighted = new(
            [new("math", 0.8, Part(0.5, new RewardMetric("accuracy", 1, RewardMetricType.Reward))), new("long", -2, Part(0.25))], failureScore: -9);

        RewardResult result = (await weighted.ScoreAsync(Grading.Samples(2), Token))[1];

        Assert.Equal((0.8 * 0.5) + (-2 * 0.25), result.Score);
        Assert.Equal([new("math", 0.5, RewardMetricType.Reward), new("math/accuracy", 1, RewardMetricType.Reward), new("long", 0.25, RewardMetricType.Reward)], result.Metrics);
        Assert.Equal(Grading.Samples(2)[1].Id, result.Id);
        Assert.Equal("[math]\nprinted\n[long]\nprinted\n", result.Output);
        Assert.Equal("0.8 × part + -2 × part", weighted.Name);
    }

    [Fact]
    public async Task An_error_of_one_part_is_the_samples_error()
    {
        await using WeightedRewardFunction weighted = new([new("a", 1, Part(1)), new("b", 1, new FixedReward(id => new(id, 0, [], "no such unit", "")))], failureScore: -9);

        RewardResult result = (await weighted.ScoreAsync(Grading.Samples(1), Token))[0];

        Assert.Equal(("b: no such unit", -9), (result.Error, result.Score));
        Assert.Empty(result.Metrics);
    }

    [Fact]
    public async Task A_verdict_that_is_missing_leaves_the_sample_unjudged_whatever_the_other_parts_say()
    {
        await using WeightedRewardFunction weighted = new([new("a", 1, Part(1)), new("judge", 1, new FixedReward(id => RewardResult.WithoutVerdict(id, "no JSON", "")))], failureScore: -9);

        RewardResult result = (await weighted.ScoreAsync(Grading.Samples(1), Token))[0];

        Assert.Equal(("judge: no JSON", null, false), (result.Unjudged, result.Error, result.IsJudged));
        Assert.True(double.IsNaN(result.Score));
    }

    [Fact]
    public async Task A_failure_of_infrastructure_in_one_part_is_one_of_the_whole()
    {
        await using WeightedRewardFunction weighted = new([new("a", 1, Part(1)), new("b", 1, new FixedReward(_ => throw new RewardInfrastructureException("down")))], failureScore: 0);

        await Assert.ThrowsAsync<RewardInfrastructureException>(() => weighted.ScoreAsync(Grading.Samples(1), Token));
    }

    [Fact]
    public void The_content_hash_covers_parts_weights_and_names()
    {
        static string Hash(string name, double weight, string content) => new WeightedRewardFunction([new(name, weight, new FixedReward(id => new(id, 0, [], null, ""), content))], 0).ContentHash;

        Assert.Equal(Hash("a", 1, "x"), Hash("a", 1, "x"));
        Assert.Distinct([Hash("a", 1, "x"), Hash("b", 1, "x"), Hash("a", 1.5, "x"), Hash("a", 1, "y")]);
        Assert.Matches("^[0-9a-f]{64}$", Hash("a", 1, "x"));
    }

    [Fact]
    public async Task Parts_without_a_name_are_told_apart_and_run_as_they_do_alone()
    {
        await using IRewardFunction weighted = await RewardFunctions.CreateAsync(
            new()
            {
                Type = "weighted",
                Parts = [new() { Weight = 0.75, RewardFunction = new() { Template = "math-reasoning" } }, new() { Weight = 0.25, RewardFunction = new() { Template = "math-reasoning" } }],
            },
            ".",
            Grading.Options,
            Token);

        RewardResult result = (await weighted.ScoreAsync(Grading.Samples(1), Token))[0];

        Assert.Equal(1, result.Score);
        string[] names = [.. result.Metrics.Select(metric => metric.Name)];
        Assert.All(["math-reasoning", "math-reasoning/accuracy", "math-reasoning-2", "math-reasoning-2/accuracy"], name => Assert.Contains(name, names));
    }

    private static FixedReward Part(double score, params RewardMetric[] metrics) => new(id => new(id, score, metrics, null, "printed"));
}
