using System.Text.Json.Nodes;

using RftConsole.Training.Datasets;
using RftConsole.Training.Text;

namespace RftConsole.Web.DataSets;

/// <summary>What of a report is kept and shown: all counts, and as many lines and records as a person looks at.</summary>
internal static class DataSetPreview
{
    public const int MostRejected = 200;
    public const int MostRecords = 20;

    private const int LongestText = 2000;

    public static DataSetCheck Summarize(DatasetSummary summary) => new(
        summary.Accepted,
        summary.RejectedCount,
        [.. summary.Rejected.Take(MostRejected)],
        summary.Warnings,
        [.. summary.First.Select(Preview)])
    {
        Contents = summary.Contents,
    };

    private static PreviewRecord Preview(TrainingRecord record) => new(Cut(record.Id), [.. record.Messages.Select(Preview)], Text(record.ReferenceAnswer));

    private static PreviewMessage Preview(ChatMessage message) =>
        new(message.Role, Cut(message.Content.Length == 0 && message.ToolCalls is { } calls ? calls.ToJsonString() : message.Content));

    private static string? Text(JsonNode? reference) => reference switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => Cut(text),
        _ => Cut(reference.ToJsonString()),
    };

    private static string Cut(string text)
    {
        if (text.Length <= LongestText)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText;
        return text[..end] + "…";
    }
}
