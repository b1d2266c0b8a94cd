using System.Security.Cryptography;
using System.Text;

using RftConsole.Training.Compute;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Gallery;

/// <summary>
/// A control: the scores of each group of answers to the same prompt are dealt out anew among them. Their distribution stays what it was and what they say about the answers is
/// gone, so a job that still gains on its task gains from something else than its reward. An answer that is alone, as in validation, scores 0: else the reward would choose the best
/// checkpoint of a job that may not know it.
/// </summary>
/// <param name="reward">Whose scores; disposed of with this one.</param>
/// <param name="seed">Of the permutations.</param>
public sealed class ShuffledReward(IRewardFunction reward, long seed) : IRewardFunction
{
    private ulong _calls;

    /// <inheritdoc/>
    public string Name => reward.Name + ", shuffled";

    /// <inheritdoc/>
    public string ContentHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"shuffled {seed} {reward.ContentHash}")));

    /// <inheritdoc/>
    public IReadOnlyList<string> Packages => reward.Packages;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken)
    {
        var results = await reward.ScoreAsync(samples, cancellationToken);
        ulong call = _calls++;
        return [.. results.Select((result, index) => (result, index)).GroupBy(x => Record(x.result.Id)).SelectMany((group, number) => Deal([.. group], call, (ulong)number)).OrderBy(x => x.Index).Select(x => x.Result)];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => reward.DisposeAsync();

    private IEnumerable<(RewardResult Result, int Index)> Deal((RewardResult Result, int Index)[] group, ulong call, ulong number)
    {
        if (group is [var (alone, place)])
        {
            return [(alone with { Score = 0, Metrics = [] }, place)];
        }

        var dealt = group.Select((x, i) => (x.Result, Key: CounterRandom.Bits((ulong)seed, RandomStream.Control, call, number, (ulong)i))).OrderBy(x => x.Key).Select(x => x.Result).ToArray();
        return group.Select((x, i) => (dealt[i] with { Id = x.Result.Id }, x.Index));
    }

    /// <summary>The record of <c>record:rollout</c>.</summary>
    private static string Record(string id) => id[..id.LastIndexOf(':')];
}
