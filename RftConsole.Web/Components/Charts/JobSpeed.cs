using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Charts;

/// <summary>How fast a job trains.</summary>
/// <param name="TokensPerSecond">Tokens of prompts and responses that went through a step, over its time.</param>
/// <param name="SecondsPerStep">Mean time of a step; validations and checkpoints between steps are not counted.</param>
/// <param name="Steps">How many steps it is the mean of.</param>
public sealed record JobSpeed(double TokensPerSecond, double SecondsPerStep, int Steps)
{
    /// <summary>Enough to be steady, few enough to follow responses that grow.</summary>
    private const int LatestSteps = 20;

    /// <summary>The speed of the latest steps; null where there is none, or nobody measured it.</summary>
    public static JobSpeed? Of(MetricFeed feed)
    {
        IReadOnlyList<MetricPoint> times = feed.Points(MetricNames.StepTime);
        IReadOnlyList<MetricPoint> tokens = feed.Points(MetricNames.TokenCount);
        if (times.Count == 0 || tokens.Count == 0 || times[^1].Step != tokens[^1].Step)
        {
            return null;
        }

        int count = Math.Min(LatestSteps, times.Count);
        double seconds = times.TakeLast(count).Sum(time => time.Value);
        int before = times[^1].Step - count;
        // Tokens are counted from the job's beginning: those of the steps before are taken off.
        double done = tokens[^1].Value - tokens.LastOrDefault(point => point.Step <= before).Value;
        return seconds > 0 ? new(done / seconds, seconds / count, count) : null;
    }
}
