using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>A reward function that is a function of the sample's id.</summary>
internal sealed class FixedReward(Func<string, RewardResult> grade, string contentHash = "fixed") : IRewardFunction
{
    public string Name => "part";

    public string ContentHash => contentHash;

    public bool Disposed { get; private set; }

    public Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RewardResult>>([.. samples.Select(sample => grade(sample.Id))]);

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
