using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Training.Jobs;

/// <summary>What data processing kept, what it left out and why.</summary>
/// <param name="Accepted">Records of the training and validation data that can be used.</param>
/// <param name="Rejected">Lines that are no records.</param>
/// <param name="RejectedLines">The first of them.</param>
/// <param name="Dropped">Prompts left out, by reason.</param>
/// <param name="DroppedPrompts">The first of them.</param>
/// <param name="Tokens">Lengths of all prompts, those that were too long included.</param>
/// <param name="Warnings">What is unusual without being wrong.</param>
/// <param name="ContentHash">SHA-256 of the training file, and behind it that of the validation file where there is one.</param>
public sealed record DataReport(
    int Accepted,
    int Rejected,
    IReadOnlyList<RejectedLine> RejectedLines,
    IReadOnlyDictionary<string, int> Dropped,
    IReadOnlyList<DroppedReport> DroppedPrompts,
    TokenStatistics Tokens,
    IReadOnlyList<string> Warnings,
    string ContentHash)
{
    private const int MostListed = 20;

    /// <summary>The report of a job's data.</summary>
    public static DataReport Of(JobRecords records, JobData data, int limit)
    {
        var dropped = data.Dropped.Select(x => new DroppedReport(x.Record.Id, x.Length, x.Reason)).ToArray();
        return new(
            records.Training.Count + records.Validation.Count,
            data.Rejected.Count,
            [.. data.Rejected.Take(MostListed)],
            new SortedDictionary<string, int>(data.Dropped.CountBy(Kind).ToDictionary(), StringComparer.Ordinal),
            [.. dropped.Take(MostListed)],
            TokenStatistics.Of(data.Training.Concat(data.Validation).Select(x => x.Ids.Length).Concat(data.Dropped.Select(x => x.Length).OfType<int>().Where(x => x > 0)), limit),
            records.Warnings,
            records.ContentHash);
    }

    private static string Kind(DroppedPrompt dropped) => dropped.Length switch
    {
        null => "the chat template does not take it",
        0 => "empty after the chat template",
        _ => "longer than maxPromptLength",
    };
}

/// <summary>A prompt that is not trained on.</summary>
/// <param name="RecordId">The record.</param>
/// <param name="Tokens">Its length; null where it could not be rendered.</param>
/// <param name="Reason">Why it was left out.</param>
public sealed record DroppedReport(string RecordId, int? Tokens, string Reason);
