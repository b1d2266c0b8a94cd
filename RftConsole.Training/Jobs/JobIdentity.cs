using System.Text.Json;

using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;

namespace RftConsole.Training.Jobs;

/// <summary>
/// Everything that decides a job's weights, by name: two runs with the same identity end the same, bit for bit. What only decides when a job ends or what
/// it keeps is no part of it, so that a job can be made longer.
/// </summary>
public sealed class JobIdentity(IReadOnlyDictionary<string, string> parts)
{
    /// <summary>Changes when a change of the engine changes results: an old checkpoint is then refused.</summary>
    private const string EngineVersion = "4";

    private const string HyperparameterPrefix = "hyperparameters.";

    private static readonly HashSet<string> s_free = ["epochCount", "maxSteps", "earlyStopping", "earlyStoppingPatience", "checkpointInterval", "checkpointsToKeep"];

    /// <summary>Names to values or hashes.</summary>
    public IReadOnlyDictionary<string, string> Parts { get; } = parts;

    /// <param name="model">The base model.</param>
    /// <param name="initialAdapterHash">Of the adapter that training begins with; null where there is none.</param>
    /// <param name="data">The prompts.</param>
    /// <param name="rewardHash">Of the reward function.</param>
    /// <param name="h">All resolved.</param>
    /// <param name="totalSteps">Counts where the learning rate depends on it.</param>
    /// <param name="threads">Of the compute thread.</param>
    public static JobIdentity Of(LoadedModel model, string? initialAdapterHash, JobData data, string rewardHash, Hyperparameters h, int totalSteps, int threads)
    {
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["engine version"] = EngineVersion,
            ["base model"] = model.ContentHash,
            ["initial adapter"] = initialAdapterHash ?? "none",
            ["training or validation data"] = FormattableString.Invariant($"{data.ContentHash} {data.Training.Count} {data.Validation.Count}"),
            ["reward function"] = rewardHash,
            ["number of threads"] = FormattableString.Invariant($"{threads}"),
        };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(h, JobSpecificationFile.Options)!.AsObject().Where(x => !s_free.Contains(x.Key)))
        {
            parts[HyperparameterPrefix + name] = value?.ToJsonString() ?? "null";
        }

        if (h.Schedule != LearningRateSchedule.Constant)
        {
            parts["number of steps, which the schedule depends on"] = FormattableString.Invariant($"{totalSteps}");
        }

        return new(parts);
    }

    /// <summary>What distinguishes another identity from this one, in words; null where they are the same.</summary>
    public string? Difference(IReadOnlyDictionary<string, string> other)
    {
        string[] differences = [.. Parts.Keys.Union(other.Keys).Order(StringComparer.Ordinal)
            .Where(x => Parts.GetValueOrDefault(x) != other.GetValueOrDefault(x))
            .Select(x => x.StartsWith(HyperparameterPrefix, StringComparison.Ordinal) && Parts.TryGetValue(x, out string? now) && other.TryGetValue(x, out string? then)
                ? $"{x} {then} where the job has {now}"
                : $"another {x}")];
        return differences.Length == 0 ? null : string.Join(", ", differences);
    }
}
