using RftConsole.Training.Gallery;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Gallery;

/// <summary>The control of the gallery.</summary>
public sealed class ShuffledRewardTests
{
    private static readonly RewardSample[] s_samples = [.. Enumerable.Range(0, 40).SelectMany(record => Enumerable.Range(0, 8).Select(rollout => new RewardSample($"r{record}:{rollout}", [], null, [])))];

    [Fact]
    public async Task Every_group_keeps_its_scores_and_few_keep_their_places()
    {
        await using ShuffledReward shuffled = new(new Numbered(), 7);
        var results = await shuffled.ScoreAsync(s_samples, TestContext.Current.CancellationToken);

        Assert.Equal(s_samples.Select(sample => sample.Id), results.Select(result => result.Id));
        foreach (var group in results.Chunk(8).Index())
        {
            Assert.Equal(Enumerable.Range(group.Index * 8, 8).Select(i => (double)i), group.Item.Select(result => result.Score).Order());
        }

        Assert.InRange(results.Index().Count(x => x.Item.Score == x.Index), 10, 80);
    }

    [Fact]
    public async Task The_same_seed_deals_in_the_same_way_and_another_call_in_another()
    {
        await using ShuffledReward first = new(new Numbered(), 7), second = new(new Numbered(), 7);
        var a = await first.ScoreAsync(s_samples, TestContext.Current.CancellationToken);
        var b = await second.ScoreAsync(s_samples, TestContext.Current.CancellationToken);
        var c = await first.ScoreAsync(s_samples, TestContext.Current.CancellationToken);

        Assert.Equal(a.Select(x => x.Score), b.Select(x => x.Score));
        Assert.NotEqual(a.Select(x => x.Score), c.Select(x => x.Score));
    }

    [Fact]
    public async Task A_single_answer_scores_0_so_that_validation_cannot_choose_a_checkpoint()
    {
        await using ShuffledReward shuffled = new(new Numbered(), 7);
        var results = await shuffled.ScoreAsync([.. s_samples.Where(sample => sample.Id.EndsWith(":0", StringComparison.Ordinal))], TestContext.Current.CancellationToken);

        Assert.All(results, result => Assert.Equal(0, result.Score));
    }

    /// <summary>Scores samples by their place.</summary>
    private sealed class Numbered : IRewardFunction
    {
        public string Name => "numbered";

        public string ContentHash => "0";

        public Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RewardResult>>([.. samples.Select((sample, i) => new RewardResult(sample.Id, i, [], null, ""))]);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
