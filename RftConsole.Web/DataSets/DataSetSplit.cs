using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Splits a file of training records in two, line by line as they are.</summary>
internal static class DataSetSplit
{
    /// <summary>Which lines are held out for validation.</summary>
    /// <exception cref="UserInputException">The share is outside its range, or all prompts are the same.</exception>
    public static IReadOnlySet<int> HeldOutLines(string file, double share, ulong seed, CancellationToken cancellationToken)
    {
        DatasetReport report = TrainingRecordReader.Read(file, cancellationToken);
        HeldOutSplit split = HeldOut.SplitByWords(report.Accepted, share, seed);
        if (split.Validation.Count == 0)
        {
            throw new UserInputException("All prompts are the same: there is nothing to split.");
        }

        HashSet<TrainingRecord> held = new(split.Validation, ReferenceEqualityComparer.Instance);
        return report.Lines.Zip(report.Accepted).Where(line => held.Contains(line.Second)).Select(line => line.First).ToHashSet();
    }

    /// <summary>Copies the lines that <paramref name="wanted"/> takes.</summary>
    public static async Task CopyAsync(string file, string target, Predicate<int> wanted, CancellationToken cancellationToken)
    {
        await using StreamWriter writer = new(VaultFiles.Create(target));
        int number = 0;
        foreach (string line in VaultFiles.ReadLines(file))
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (line.Length > 0 && wanted(number))
            {
                await writer.WriteAsync(line.AsMemory(), cancellationToken);
                await writer.WriteAsync('\n');
            }
        }
    }
}
