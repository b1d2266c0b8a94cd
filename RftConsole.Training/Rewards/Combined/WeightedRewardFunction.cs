using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RftConsole.Training.Rewards.Combined;

/// <summary>A part of a weighted reward, started.</summary>
/// <param name="Name">The beginning of its metrics' names, unique among the parts.</param>
/// <param name="Weight">What its score is multiplied by.</param>
/// <param name="Function">The function; the weighted reward disposes of it.</param>
public sealed record StartedPart(string Name, double Weight, IRewardFunction Function);

/// <summary>
/// Several rewards in one: the score is the sum of weight × score, in the parts' order. Weights are taken as they are and not normalised: with a weight above 1 or
/// a penalty below 0 the author says how much a part counts, and dividing by their sum would turn a penalty around.
/// </summary>
/// <remarks>
/// A sample that one part could not grade has no sum: an error of any part is the sample's error, and a judge's missing verdict leaves the sample unjudged,
/// whatever the other parts say. Each part's score is a metric of the part's name, and its own metrics follow as <c>part/metric</c>.
/// </remarks>
public sealed class WeightedRewardFunction : IRewardFunction
{
    private readonly IReadOnlyList<StartedPart> _parts;
    private readonly double _failureScore;

    /// <param name="parts">At least one.</param>
    /// <param name="failureScore">The score of a sample that the user's code could not grade.</param>
    public WeightedRewardFunction(IReadOnlyList<StartedPart> parts, double failureScore)
    {
        (_parts, _failureScore) = (parts, failureScore);
        Name = string.Join(" + ", parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Weight} × {part.Function.Name}")));
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name}\t{part.Weight:R}\t{part.Function.ContentHash}"))))));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string ContentHash { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Packages => [.. _parts.SelectMany(part => part.Function.Packages).Distinct()];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<RewardResult>> graded = [];
        // One after the other: each is parallel in itself, and a failure of infrastructure then spares the calls of those that follow.
        foreach (StartedPart part in _parts)
        {
            graded.Add(await part.Function.ScoreAsync(samples, cancellationToken));
        }

        return [.. samples.Select((sample, index) => Combine(sample.Id, [.. graded.Select(results => results[index])]))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (StartedPart part in _parts)
        {
            await part.Function.DisposeAsync();
        }
    }

    private RewardResult Combine(string id, RewardResult[] results)
    {
        (StartedPart Part, RewardResult Result)[] pairs = [.. _parts.Zip(results)];
        string output = string.Concat(pairs.Where(pair => pair.Result.Output.Length > 0).Select(pair => $"[{pair.Part.Name}]\n{pair.Result.Output.TrimEnd('\n')}\n"));
        if (First(pairs, result => result.Error) is { } error)
        {
            return new(id, _failureScore, [], error, output);
        }

        if (First(pairs, result => result.Unjudged) is { } unjudged)
        {
            return RewardResult.WithoutVerdict(id, unjudged, output);
        }

        RewardMetric[] metrics =
        [
            .. pairs.SelectMany(pair => pair.Result.Metrics
                .Select(metric => metric with { Name = $"{pair.Part.Name}/{metric.Name}" })
                .Prepend(new(pair.Part.Name, pair.Result.Score, RewardMetricType.Reward))),
        ];
        return new(id, pairs.Aggregate(0.0, (sum, pair) => sum + (pair.Part.Weight * pair.Result.Score)), metrics, null, output) { Warning = First(pairs, result => result.Warning) };
    }

    private static string? First((StartedPart Part, RewardResult Result)[] pairs, Func<RewardResult, string?> of) =>
        pairs.Select(pair => of(pair.Result) is { } text ? $"{pair.Part.Name}: {text}" : null).FirstOrDefault(text => text is not null);
}
