using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Training.Datasets;

/// <summary>What became of each line of a training file.</summary>
/// <param name="Accepted">The usable records, in the file's order.</param>
/// <param name="Rejected">The lines that cannot be used, in the file's order.</param>
/// <param name="Warnings">What is unusual without being wrong, one sentence each.</param>
public sealed record DatasetReport(
    IReadOnlyList<TrainingRecord> Accepted, IReadOnlyList<RejectedLine> Rejected, IReadOnlyList<string> Warnings)
{
    /// <summary>The line of each accepted record.</summary>
    public IReadOnlyList<int> Lines { get; init; } = [];

    /// <summary>The prompts, for a look at what another file shares with this one.</summary>
    internal PromptIndex Prompts { get; init; } = new();

    /// <summary>What a validation file shares with this training file, in a sentence; null where that is nothing.</summary>
    public string? OverlapWith(DatasetReport validation)
    {
        var overlap = new PromptOverlap(Prompts);
        foreach (var (line, record) in validation.Lines.Zip(validation.Accepted))
        {
            overlap.Add(line, record);
        }

        return overlap.Warning();
    }
}

/// <summary>A line that is no usable record.</summary>
/// <param name="Line">Counted from 1, empty lines included.</param>
/// <param name="Reason">Names the field and what is wrong with it.</param>
/// <param name="Excerpt">The beginning of the line.</param>
public sealed record RejectedLine(int Line, string Reason, string Excerpt);
