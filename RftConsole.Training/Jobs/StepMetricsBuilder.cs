using RftConsole.Training.Grpo;

namespace RftConsole.Training.Jobs;

/// <summary>Metrics of graded completions as pure functions.</summary>
public static class StepMetricsBuilder
{
    /// <summary>Metrics of a training step's rollouts, before the update.</summary>
    public static SortedDictionary<string, double> OfRollouts(IReadOnlyList<GradedCompletion[]> groups, double accuracyThreshold)
    {
        var all = groups.SelectMany(x => x).ToArray();
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            [MetricNames.Reward] = all.Average(x => x.Result.Score),
            [MetricNames.RewardStd] = groups.Average(x => Advantages.StandardDeviation([.. x.Select(y => y.Result.Score)])),
            [MetricNames.RewardMargin] = groups.Average(x => x.Max(y => y.Result.Score) - x.Min(y => y.Result.Score)),
            [MetricNames.Accuracy] = Accuracy(all, accuracyThreshold),
            [MetricNames.ZeroSpreadShare] = (double)groups.Count(x => x.All(y => y.Result.Score == x[0].Result.Score)) / groups.Count,
            [MetricNames.RewardErrors] = all.Count(x => x.Result.Error is not null),
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
            [MetricNames.ValidationReward] = completions.Average(x => x.Result.Score),
            [MetricNames.ValidationAccuracy] = Accuracy(completions, accuracyThreshold),
            [MetricNames.ValidationMeanLength] = completions.Average(x => x.Completion.Tokens.Length),
        };
        AddRewardMetrics(metrics, completions, "eval/");
        return metrics;
    }

    /// <summary>The share of completions whose reward is at least the threshold.</summary>
    public static double Accuracy(IReadOnlyCollection<GradedCompletion> completions, double threshold) =>
        (double)completions.Count(x => x.Result.Error is null && x.Result.Score >= threshold) / completions.Count;

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
