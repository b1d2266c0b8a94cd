using RftConsole.Training.Grpo;

namespace RftConsole.Training.Jobs;

/// <summary>Metrics of graded completions as pure functions.</summary>
public static class StepMetricsBuilder
{
    /// <summary>Metrics of a training step's rollouts, before the update. Completions that a judge gave no verdict on count in none of the rewards' figures.</summary>
    /// <exception cref="InvalidOperationException">There is no score at all.</exception>
    public static SortedDictionary<string, double> OfRollouts(IReadOnlyList<GradedCompletion[]> groups, double accuracyThreshold)
    {
        var all = groups.SelectMany(x => x).ToArray();
        double[][] scores = [.. groups.Select(Scores).Where(x => x.Length > 0)];
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            [MetricNames.Reward] = scores.SelectMany(x => x).Average(),
            [MetricNames.RewardStd] = scores.Average(x => Advantages.StandardDeviation(x)),
            [MetricNames.RewardMargin] = scores.Average(x => x.Max() - x.Min()),
            [MetricNames.Accuracy] = Accuracy(all, accuracyThreshold),
            [MetricNames.ZeroSpreadShare] = (double)scores.Count(x => x.All(y => y == x[0])) / scores.Length,
            [MetricNames.RewardErrors] = all.Count(x => x.Result.Error is not null),
            [MetricNames.RewardUnjudged] = all.Count(x => !x.Result.IsJudged),
            [MetricNames.MeanLength] = all.Average(x => x.Completion.Tokens.Length),
            [MetricNames.MinLength] = all.Min(x => x.Completion.Tokens.Length),
            [MetricNames.MaxLength] = all.Max(x => x.Completion.Tokens.Length),
            [MetricNames.ClippedRatio] = (double)all.Count(x => !x.Completion.Ended) / all.Length,
        };
        AddRewardMetrics(metrics, all, "");
        return metrics;
    }

    /// <summary>Metrics of a validation, one completion a prompt.</summary>
    public static SortedDictionary<string, double> OfValidation(IReadOnlyList<GradedCompletion> completions, double accuracyThreshold)
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            [MetricNames.ValidationReward] = Scores(completions).Average(),
            [MetricNames.ValidationAccuracy] = Accuracy(completions, accuracyThreshold),
            [MetricNames.ValidationMeanLength] = completions.Average(x => x.Completion.Tokens.Length),
        };
        AddRewardMetrics(metrics, completions, "eval/");
        return metrics;
    }

    /// <summary>The share of judged completions whose reward is at least the threshold.</summary>
    public static double Accuracy(IReadOnlyCollection<GradedCompletion> completions, double threshold) =>
        (double)completions.Count(x => x.Result.Error is null && x.Result.Score >= threshold) / completions.Count(x => x.Result.IsJudged);

    /// <summary>The scores that count.</summary>
    public static double[] Scores(IEnumerable<GradedCompletion> completions) => [.. completions.Where(x => x.Result.IsJudged).Select(x => x.Result.Score)];

    private static void AddRewardMetrics(SortedDictionary<string, double> metrics, IReadOnlyCollection<GradedCompletion> completions, string prefix)
    {
        foreach (var values in completions.SelectMany(x => x.Result.Metrics).GroupBy(x => x.Name, x => x.Value))
        {
            double[] numbers = [.. values];
            metrics[$"{prefix}rewards/{values.Key}/mean"] = numbers.Average();
            if (prefix.Length == 0)
            {
                metrics[$"rewards/{values.Key}/std"] = Advantages.StandardDeviation(numbers);
            }
        }
    }
}
