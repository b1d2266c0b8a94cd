namespace RftConsole.Training.Rewards.Lab;

/// <summary>A bar of the histogram.</summary>
/// <param name="From">The least score in it.</param>
/// <param name="To">The end of it; a score equal to it is in the next one, but in the last bar.</param>
/// <param name="Count">Responses.</param>
public sealed record HistogramBar(double From, double To, int Count);

/// <summary>The figures of a dry run; responses without a score count as failures or as unjudged, and in nothing else.</summary>
/// <param name="Responses">Responses in all.</param>
/// <param name="Failures">Responses that the function could not grade.</param>
/// <param name="FirstFailure">What went wrong with the first of them.</param>
/// <param name="Unjudged">Responses that a judge gave no verdict on.</param>
/// <param name="Mean">Mean score; 0 without any.</param>
/// <param name="StandardDeviation">Of the scores, over their number.</param>
/// <param name="Lowest">The lowest score.</param>
/// <param name="Highest">The highest score.</param>
/// <param name="FullShare">The share of the scores that are at least 1.</param>
/// <param name="OutOfRange">Scores outside -1 to 1.</param>
/// <param name="ComparedGroups">Groups with at least two grades.</param>
/// <param name="ZeroSpreadShare">The share of those whose grades are all equal.</param>
/// <param name="MeanMargin">Mean of the highest minus the lowest grade of a group.</param>
/// <param name="TruncatedShare">The share of responses that ended at the limit of tokens.</param>
/// <param name="LengthCorrelation">Pearson's correlation of a response's length with its score; null where either is constant.</param>
/// <param name="Histogram">Ten bars of equal width that cover at least 0 to 1; empty without scores.</param>
public sealed record DryRunStatistics(
    int Responses,
    int Failures,
    string? FirstFailure,
    int Unjudged,
    double Mean,
    double StandardDeviation,
    double Lowest,
    double Highest,
    double FullShare,
    int OutOfRange,
    int ComparedGroups,
    double ZeroSpreadShare,
    double MeanMargin,
    double TruncatedShare,
    double? LengthCorrelation,
    IReadOnlyList<HistogramBar> Histogram)
{
    private const int Bars = 10;

    /// <summary>Grades that differ by less are equal: rounding is no signal.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>The figures of graded groups.</summary>
    public static DryRunStatistics Of(IReadOnlyList<GradedGroup> groups)
    {
        GradedResponse[] all = [.. groups.SelectMany(group => group.Responses)];
        GradedResponse[] graded = [.. all.Where(IsScored)];
        double[] scores = [.. graded.Select(response => response.Result.Score)];
        double[] margins = [.. groups.Select(Margin).OfType<double>()];
        double mean = scores.Length == 0 ? 0 : scores.Average();
        return new(
            all.Length,
            all.Count(response => response.Result.Error is not null),
            all.FirstOrDefault(response => response.Result.Error is not null)?.Result.Error,
            all.Count(response => response.Result.Unjudged is not null),
            mean,
            scores.Length == 0 ? 0 : Math.Sqrt(scores.Average(score => (score - mean) * (score - mean))),
            scores.Length == 0 ? 0 : scores.Min(),
            scores.Length == 0 ? 0 : scores.Max(),
            Share(scores, score => score >= 1 - Tolerance),
            scores.Count(score => Math.Abs(score) > 1 + Tolerance),
            margins.Length,
            Share(margins, margin => margin <= Tolerance),
            margins.Length == 0 ? 0 : margins.Average(),
            Share(all, response => response.Response.Truncated),
            Correlation([.. graded.Select(response => (double)response.Response.Text.Length)], scores),
            Bins(scores));
    }

    /// <summary>Highest minus lowest grade; null where fewer than two responses have one.</summary>
    public static double? Margin(GradedGroup group)
    {
        double[] scores = [.. group.Responses.Where(IsScored).Select(response => response.Result.Score)];
        return scores.Length < 2 ? null : scores.Max() - scores.Min();
    }

    /// <summary>Whether a response has a score that counts.</summary>
    public static bool IsScored(GradedResponse response) => response.Result is { Error: null, IsJudged: true };

    private static double Share<T>(T[] values, Func<T, bool> counts) => values.Length == 0 ? 0 : values.Count(counts) / (double)values.Length;

    private static HistogramBar[] Bins(double[] scores)
    {
        if (scores.Length == 0)
        {
            return [];
        }

        double low = Math.Min(0, scores.Min());
        double high = Math.Max(1, scores.Max());
        double width = (high - low) / Bars;
        int[] counts = new int[Bars];
        foreach (double score in scores)
        {
            counts[Math.Clamp((int)((score - low) / width + Tolerance), 0, Bars - 1)]++;
        }

        return [.. counts.Select((count, bar) => new HistogramBar(low + bar * width, low + (bar + 1) * width, count))];
    }

    private static double? Correlation(double[] x, double[] y)
    {
        if (x.Length < 2)
        {
            return null;
        }

        (double meanX, double meanY) = (x.Average(), y.Average());
        double covariance = x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum();
        double scale = Math.Sqrt(x.Sum(a => (a - meanX) * (a - meanX)) * y.Sum(b => (b - meanY) * (b - meanY)));
        return scale <= Tolerance ? null : covariance / scale;
    }
}
