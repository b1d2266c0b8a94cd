using System.Text.Json.Nodes;

using RftConsole.Training.Compute;
using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Training.Datasets;

/// <summary>Takes validation records out of the training records where a job brings none of its own.</summary>
public static class HeldOut
{
    /// <summary>
    /// Splits records by a seeded choice. Records with the same prompt always stay on one side, or validation would measure what was
    /// trained on; the held-out share is therefore the nearest that whole groups of equal prompts allow, without going over.
    /// </summary>
    /// <param name="records">All records; both sides keep their order.</param>
    /// <param name="share">How much to hold out, above 0 and below 1. At least one group is held out where there are two.</param>
    /// <param name="seed">The same seed gives the same split.</param>
    /// <exception cref="UserInputException">The share is outside its range.</exception>
    public static HeldOutSplit Split(IReadOnlyList<TrainingRecord> records, double share, ulong seed) => Split(records, share, seed, PromptOf);

    /// <summary>The same, where prompts that differ in case, spaces and punctuation only count as equal too.</summary>
    /// <inheritdoc cref="Split(IReadOnlyList{TrainingRecord}, double, ulong)"/>
    public static HeldOutSplit SplitByWords(IReadOnlyList<TrainingRecord> records, double share, ulong seed) => Split(records, share, seed, WordsOf);

    private static HeldOutSplit Split<TKey>(IReadOnlyList<TrainingRecord> records, double share, ulong seed, Func<TrainingRecord, TKey> groupOf)
    {
        if (!(share > 0 && share < 1))
        {
            throw new UserInputException($"validationData.share is {share}; it must be above 0 and below 1, such as 0.1.");
        }

        var groups = Enumerable.Range(0, records.Count).GroupBy(index => groupOf(records[index])).Select(group => group.ToArray()).ToArray();
        if (groups.Length < 2)
        {
            return new HeldOutSplit(records, []);
        }

        var order = SeededPermutation.Of(groups.Length, seed, RandomStream.HeldOut);
        var wanted = Math.Clamp((int)Math.Round(share * records.Count, MidpointRounding.AwayFromZero), 1, records.Count - 1);
        var heldOut = new HashSet<int>();
        foreach (var group in order)
        {
            if (heldOut.Count + groups[group].Length <= wanted)
            {
                heldOut.UnionWith(groups[group]);
            }
        }

        if (heldOut.Count == 0)
        {
            heldOut.UnionWith(groups[order.MinBy(group => groups[group].Length)]);
        }

        return new HeldOutSplit(
            [.. records.Where((_, index) => !heldOut.Contains(index))],
            [.. records.Where((_, index) => heldOut.Contains(index))]);
    }

    private static ulong WordsOf(TrainingRecord record)
    {
        var hash = new System.IO.Hashing.XxHash3();
        var words = new WordHashes();
        foreach (var message in record.Messages)
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes(message.Role));
            words.Begin(message.Content);
            while (words.Next(out var word))
            {
                hash.Append(BitConverter.GetBytes(word));
            }
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static string PromptOf(TrainingRecord record) =>
        new JsonArray([.. record.Messages.Select(message => message.ToJson())]).ToJsonString();
}

/// <summary>The two sides of a split. <paramref name="Validation"/> is empty where all prompts are the same.</summary>
public sealed record HeldOutSplit(IReadOnlyList<TrainingRecord> Training, IReadOnlyList<TrainingRecord> Validation);
