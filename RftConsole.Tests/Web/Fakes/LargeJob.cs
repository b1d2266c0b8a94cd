using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Fakes;

/// <summary>Writes a finished job of any size into a console's database, with metrics and rollouts as a real one would have them: for looking at pages under load.</summary>
internal static class LargeJob
{
    /// <summary>Prompts of a step, each with as many answers as the rollouts ask for.</summary>
    private const int PromptsAStep = 2;

    private static readonly string[] s_words = ["apple", "pear", "plum", "box", "bag", "basket", "stamp", "marble", "card", "candle"];

    /// <summary>Adds the job.</summary>
    /// <param name="contexts">The console's database, migrated.</param>
    /// <param name="id">The job's id and name.</param>
    /// <param name="steps">Steps, each with 25 metrics.</param>
    /// <param name="rollouts">Rollouts in all; of the latest steps where there are fewer than would fill every step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task AddAsync(IDbContextFactory<ConsoleDbContext> contexts, string id, int steps, int rollouts, CancellationToken cancellationToken)
    {
        Random random = new(7);
        RowTexts texts = new("/no/such/folder");
        int group = Math.Max(2, rollouts / Math.Max(1, steps * PromptsAStep));
        JobSpecification specification = new()
        {
            Name = id,
            CustomModelName = id + "-tuned",
            BaseModel = "starter",
            TrainingData = new() { SampleData = "arithmetic" },
            RewardFunction = new() { Template = "math-reasoning" },
        };
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        context.Jobs.Add(new()
        {
            Id = id,
            Name = id,
            CustomModelName = specification.CustomModelName!,
            BaseModel = "starter",
            RewardName = "Mathematical reasoning with ground truth verification",
            Status = JobStatus.Completed,
            SpecificationJson = StoredJson.Write(specification),
            TagsJson = "{}",
            CreatedAt = DateTimeOffset.UnixEpoch,
            StartedAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch.AddHours(9),
            StepsDone = steps,
            TotalSteps = steps,
            BaselineAccuracy = 0.2,
            BestAccuracy = 0.8,
        });
        for (int step = 0; step <= steps; step++)
        {
            context.Metrics.Add(new() { JobId = id, Step = step, ValuesJson = StoredJson.Write(step == 0 ? Validation(0, steps) : Metrics(step, steps, random)) });
            for (int prompt = 0; prompt < (step == 0 ? 0 : PromptsAStep); prompt++)
            {
                context.Rollouts.AddRange(Enumerable.Range(0, group).Select(sample => JobMapping.ToRow(id, RolloutOf(step, prompt, sample, steps, random), texts)));
            }

            if (step % 500 == 0)
            {
                await context.SaveChangesAsync(cancellationToken);
                context.ChangeTracker.Clear();
            }
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The metrics of a step of a job of so many steps.</summary>
    internal static Dictionary<string, double> Metrics(int step, int steps, Random random)
    {
        double progress = 1 - Math.Exp(-3.0 * step / steps);
        double Noise(double size) => size * ((2 * random.NextDouble()) - 1);
        Dictionary<string, double> metrics = new()
        {
            [MetricNames.Reward] = 0.2 + (0.6 * progress) + Noise(0.08), [MetricNames.RewardStd] = 0.35 - (0.2 * progress) + Noise(0.03), [MetricNames.RewardMargin] = 0.8 - (0.3 * progress) + Noise(0.1),
            [MetricNames.Accuracy] = 0.2 + (0.6 * progress) + Noise(0.05), [MetricNames.ZeroSpreadShare] = 0.1 + (0.3 * progress) + Noise(0.05), [MetricNames.RewardErrors] = 0, [MetricNames.RewardUnjudged] = 0,
            [MetricNames.Loss] = Noise(0.02), [MetricNames.Entropy] = 1.1 - (0.7 * progress) + Noise(0.05), [MetricNames.GradNorm] = 0.5 + Math.Abs(Noise(0.4)), [MetricNames.LearningRate] = 0.002 * (1 - ((double)step / steps)),
            [MetricNames.Epoch] = step / 40.0, [MetricNames.TokenCount] = step * 3200.0, [MetricNames.MeanLength] = 24 + (6 * progress) + Noise(1), [MetricNames.MinLength] = 12, [MetricNames.MaxLength] = 60 + Noise(10),
            [MetricNames.ClippedRatio] = 0.02, [MetricNames.ClipLow] = 0.001, [MetricNames.ClipHigh] = 0.002, [MetricNames.LogProbabilityGap] = 0, [MetricNames.StepTime] = 3 + Noise(0.3),
            [MetricNames.RolloutTime] = 1.5, [MetricNames.RewardTime] = 0.2, [MetricNames.UpdateTime] = 1.2, ["rewards/format/mean"] = 0.5 + (0.4 * progress),
        };
        return step % 10 == 0 ? metrics.Concat(Validation(progress, steps)).ToDictionary() : metrics;
    }

    private static Dictionary<string, double> Validation(double progress, int steps) =>
        new() { [MetricNames.ValidationReward] = 0.2 + (0.55 * progress), [MetricNames.ValidationAccuracy] = 0.2 + (0.55 * progress), [MetricNames.ValidationMeanLength] = 24 + (steps > 0 ? 5 * progress : 0) };

    private static Rollout RolloutOf(int step, int prompt, int sample, int steps, Random random)
    {
        int record = ((step * PromptsAStep) + prompt) % 640;
        string thing = s_words[record % s_words.Length];
        double reward = random.NextDouble() < 0.2 + (0.6 * step / steps) ? 1 : 0;
        string completion = $"Mia has {record % 50} {thing}s and buys {record % 7} more. {record % 50} + {record % 7} = {(record % 50) + (record % 7) + (reward == 1 ? 0 : random.Next(1, 9))}.\nANSWER: {(record % 50) + (record % 7)}";
        return new(
            step, prompt, sample, $"arithmetic-{record}", $"Mia has {record % 50} {thing}s and buys {record % 7} more. How many {thing}s has she now? Show your steps and end with the number.", completion,
            20 + random.Next(30), random.Next(50) == 0 ? "length" : "stop", reward, (reward - 0.5) * 1.4, $"{(record % 50) + (record % 7)}", [new("format", reward, RewardMetricType.Metric)], random.Next(400) == 0 ? "ValueError: no number" : null, "");
    }
}
