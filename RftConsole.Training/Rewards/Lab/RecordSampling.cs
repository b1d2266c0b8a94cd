using System.Text;

using RftConsole.Training.Compute;
using RftConsole.Training.Datasets;
using RftConsole.Training.Storage;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>Draws records from a training file of any size without holding it.</summary>
public static class RecordSampling
{
    /// <summary>Lines drawn for each record that is asked for: some may be no records.</summary>
    private const int Spare = 2;

    /// <summary>Up to <paramref name="count"/> records, in the file's order; the same seed draws the same ones.</summary>
    /// <param name="path">JSONL training records.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of the draw.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="UserInputException">The file cannot be read, or holds no record among the lines that were drawn.</exception>
    public static IReadOnlyList<TrainingRecord> Draw(string path, int count, long seed, CancellationToken cancellationToken)
    {
        try
        {
            List<(int Line, TrainingRecord Record)> records = [];
            string? refused = null;
            HashSet<string> ids = [];
            foreach ((int number, string line) in Lines(path, count * Spare, seed, cancellationToken))
            {
                using MemoryStream content = new(Encoding.UTF8.GetBytes(line));
                DatasetReport report = TrainingRecordReader.Read(content, path, cancellationToken);
                refused ??= report.Rejected.Count > 0 ? $"line {number}: {report.Rejected[0].Reason}" : null;
                foreach (TrainingRecord record in report.Accepted)
                {
                    // Read alone, a line without an id takes itself for the first one.
                    TrainingRecord named = record.Id == "line-1" ? record with { Id = $"line-{number}" } : record;
                    if (records.Count < count && ids.Add(named.Id))
                    {
                        records.Add((number, named));
                    }
                }
            }

            return records.Count > 0
                ? [.. records.OrderBy(drawn => drawn.Line).Select(drawn => drawn.Record)]
                : throw new UserInputException($"{Path.GetFileName(path)} holds no usable record{(refused is null ? "" : $" among the lines that were drawn; {refused}")}.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be read: {problem.Message}", problem);
        }
    }

    /// <summary>The lines with the smallest random numbers, in the order of these: any beginning of them is a fair draw.</summary>
    private static IEnumerable<(int Number, string Line)> Lines(string path, int count, long seed, CancellationToken cancellationToken)
    {
        PriorityQueue<(int Number, string Line, double Key), double> kept = new();
        int number = 0;
        foreach (string line in VaultFiles.ReadLines(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            double key = CounterRandom.Uniform((ulong)seed, RandomStream.DryRun, (ulong)number);
            // The queue gives up the least priority first, which is the largest number.
            if (kept.Count < count)
            {
                kept.Enqueue((number, line, key), -key);
            }
            else
            {
                kept.EnqueueDequeue((number, line, key), -key);
            }
        }

        return kept.UnorderedItems.Select(item => item.Element).OrderBy(line => line.Key).Select(line => (line.Number, line.Line));
    }
}
