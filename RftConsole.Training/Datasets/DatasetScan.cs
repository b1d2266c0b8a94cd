using RftConsole.Training.Datasets.Inspection;
using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets;

/// <summary>What became of each line of a training file, without its records.</summary>
/// <param name="Accepted">Usable records.</param>
/// <param name="RejectedCount">Lines that cannot be used.</param>
/// <param name="Rejected">Those lines; all of them, or where there are very many the first ones.</param>
/// <param name="Warnings">What is unusual without being wrong, one sentence each.</param>
/// <param name="Tokens">Lengths of the prompts; null where no model was given.</param>
/// <param name="First">The first usable records.</param>
public sealed record DatasetSummary(
    int Accepted, int RejectedCount, IReadOnlyList<RejectedLine> Rejected, IReadOnlyList<string> Warnings, TokenStatistics? Tokens, IReadOnlyList<TrainingRecord> First)
{
    /// <summary>What the records consist of; null where nobody looked.</summary>
    public DatasetContents? Contents { get; init; }
}

/// <summary>With which tokenizer and template prompts are counted, and how long they may be.</summary>
public sealed record TokenLimit(Tokenizer Tokenizer, ChatTemplate ChatTemplate, int MaxPromptLength);

/// <summary>Checks training files of any size, one line at a time.</summary>
public static class DatasetScan
{
    /// <summary>Rejected lines that a summary lists; further ones are counted.</summary>
    public const int MostRejected = 100_000;

    /// <summary>Checks a file, and where there is one, the validation file that goes with it.</summary>
    /// <param name="path">Training records, plain or gzip.</param>
    /// <param name="validation">Validation records, or null.</param>
    /// <param name="tokens">Counts tokens too where given.</param>
    /// <param name="keepFirst">Records that the summary of the training file holds.</param>
    /// <param name="cancellation">Checked before each line.</param>
    /// <exception cref="UserInputException">A file is missing or cannot be read.</exception>
    public static async Task<(DatasetSummary Training, DatasetSummary? Validation)> RunAsync(
        string path, string? validation = null, TokenLimit? tokens = null, int keepFirst = 0, CancellationToken cancellation = default)
    {
        var inspector = new DatasetInspector();
        var training = await ScanAsync(path, inspector, null, tokens, keepFirst, cancellation);
        if (validation is null)
        {
            return (training, null);
        }

        var overlap = new PromptOverlap(inspector.Prompts);
        var summary = await ScanAsync(validation, new DatasetInspector(), overlap, tokens, 0, cancellation);
        return (overlap.Warning() is { } warning ? training with { Warnings = [.. training.Warnings, warning] } : training, summary);
    }

    private static async Task<DatasetSummary> ScanAsync(
        string path, DatasetInspector inspector, PromptOverlap? overlap, TokenLimit? tokens, int keepFirst, CancellationToken cancellation)
    {
        await using var stream = DataFile.Open(path);
        var counter = tokens is null ? null : new TokenCounter(tokens.Tokenizer, tokens.ChatTemplate, tokens.MaxPromptLength);
        var rejected = new List<RejectedLine>();
        var rejectedCount = 0;
        var first = new List<TrainingLine>();
        var ids = new RecordIds();
        try
        {
            foreach (var line in TrainingRecordReader.Lines(stream, path, ids, cancellation))
            {
                if (line.Record is null)
                {
                    rejectedCount++;
                    if (rejected.Count < MostRejected)
                    {
                        rejected.Add(line.Rejected!);
                    }

                    continue;
                }

                if (first.Count < keepFirst)
                {
                    first.Add(line);
                }

                inspector.Add(line);
                overlap?.Add(line.Number, line.Record);
                if (counter is not null)
                {
                    await counter.AddAsync(line.Number, line.Record);
                }
            }
        }
        catch when (counter is not null)
        {
            await counter.AbandonAsync();
            throw;
        }

        var counted = counter is null ? default : await counter.CompleteAsync();
        var warnings = inspector.Warnings().Concat(counted.Warnings ?? []);
        if (rejectedCount > rejected.Count)
        {
            warnings = warnings.Append($"{LineList.Counted(rejectedCount - rejected.Count, "further line")} rejected beyond the first {LineList.Counted(rejected.Count, "line")}, which are listed.");
        }

        return new DatasetSummary(
            inspector.Accepted,
            rejectedCount,
            rejected,
            [.. warnings],
            counted.Statistics,
            [.. first.Select(line => line.Record!.Id.Length > 0 ? line.Record : line.Record with { Id = ids.Generate(line.Number) })])
        {
            Contents = inspector.Contents(),
        };
    }
}
