using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Charts;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Compare;

/// <summary>How a run ended, or stands.</summary>
/// <param name="BestAccuracy">Validation accuracy of the best checkpoint.</param>
/// <param name="LastReward">Mean training reward of the last ten steps.</param>
/// <param name="BestValidationReward">Highest validation reward after the base model's.</param>
/// <param name="Tokens">Tokens processed.</param>
/// <param name="TrainingTime">The steps' times together.</param>
public sealed record RunResult(double? BestAccuracy, double? LastReward, double? BestValidationReward, double? Tokens, TimeSpan? TrainingTime)
{
    private const int LastSteps = 10;

    public static RunResult Of(JobDetails job, MetricFeed feed)
    {
        IReadOnlyList<MetricPoint> rewards = feed.Points(MetricNames.Reward);
        MetricPoint[] validations = [.. feed.Points(MetricNames.ValidationReward).Where(point => point.Step > 0)];
        IReadOnlyList<MetricPoint> tokens = feed.Points(MetricNames.TokenCount);
        IReadOnlyList<MetricPoint> times = feed.Points(MetricNames.StepTime);
        return new(
            job.Summary.BestAccuracy,
            rewards.Count == 0 ? null : rewards.TakeLast(LastSteps).Average(point => point.Value),
            validations.Length == 0 ? null : validations.Max(point => point.Value),
            tokens.Count == 0 ? null : tokens[^1].Value,
            times.Count == 0 ? null : TimeSpan.FromSeconds(times.Sum(point => point.Value)));
    }
}
