namespace RftConsole.Training.Datasets.Inspection;

/// <summary>How long prompts are, in tokens of one model, the opening of the assistant's turn included.</summary>
/// <param name="Count">Prompts that the model's chat template renders.</param>
/// <param name="Total">All their tokens.</param>
/// <param name="Min">The shortest.</param>
/// <param name="Max">The longest.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Median">Half of the prompts are at most so long.</param>
/// <param name="P95">95 of 100 are at most so long.</param>
/// <param name="P99">99 of 100 are at most so long.</param>
/// <param name="Limit">The longest prompt that is trained on.</param>
/// <param name="Dropped">Prompts longer than that.</param>
/// <param name="Histogram">Counts over bins of equal width, without gaps.</param>
public sealed record TokenStatistics(
    int Count, long Total, int Min, int Max, double Mean, int Median, int P95, int P99, int Limit, int Dropped, IReadOnlyList<TokenBin> Histogram)
{
    private const int MostBins = 24;

    /// <summary>The statistics of lengths, each with the number of prompts that have it.</summary>
    public static TokenStatistics Of(IEnumerable<KeyValuePair<int, int>> countOfLength, int limit)
    {
        var sorted = countOfLength.Where(pair => pair.Value > 0).OrderBy(pair => pair.Key).ToArray();
        var count = sorted.Sum(pair => pair.Value);
        if (count == 0)
        {
            return new TokenStatistics(0, 0, 0, 0, 0, 0, 0, 0, limit, 0, []);
        }

        var total = sorted.Sum(pair => (long)pair.Key * pair.Value);
        return new TokenStatistics(
            count,
            total,
            sorted[0].Key,
            sorted[^1].Key,
            Math.Round((double)total / count, 2),
            Quantile(0.5),
            Quantile(0.95),
            Quantile(0.99),
            limit,
            sorted.Where(pair => pair.Key > limit).Sum(pair => pair.Value),
            Bins(sorted));

        // The nearest rank: the smallest length that at least this share does not exceed.
        int Quantile(double share)
        {
            var rank = Math.Max(1, (int)Math.Ceiling(share * count));
            return sorted.First(pair => (rank -= pair.Value) <= 0).Key;
        }
    }

    /// <inheritdoc cref="Of(IEnumerable{KeyValuePair{int, int}}, int)"/>
    public static TokenStatistics Of(IEnumerable<int> lengths, int limit) => Of(lengths.CountBy(length => length), limit);

    private static TokenBin[] Bins(KeyValuePair<int, int>[] sorted)
    {
        var width = 1;
        while (sorted[^1].Key / width - sorted[0].Key / width >= MostBins)
        {
            // 1, 2, 5, 10, 20, 50 …: bounds that people read easily.
            width = width.ToString(System.Globalization.CultureInfo.InvariantCulture)[0] == '2' ? width / 2 * 5 : width * 2;
        }

        var first = sorted[0].Key / width;
        var bins = new int[sorted[^1].Key / width - first + 1];
        foreach (var (length, count) in sorted)
        {
            bins[length / width - first] += count;
        }

        return [.. bins.Select((count, index) => new TokenBin((first + index) * width, (first + index + 1) * width - 1, count))];
    }
}

/// <summary>How many prompts have <paramref name="From"/> to <paramref name="To"/> tokens, both included.</summary>
public sealed record TokenBin(int From, int To, int Count);
