using System.Globalization;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>Which prompts of a validation file are in the training file too: on those, validation measures what was learnt by heart.</summary>
/// <param name="training">The training file's prompts.</param>
internal sealed class PromptOverlap(PromptIndex training)
{
    private readonly LineList _same = new();
    private readonly LineList _similar = new();
    private (int Line, int Training)? _first;

    /// <summary>Looks at a validation record.</summary>
    public void Add(int line, TrainingRecord record)
    {
        if (training.Find(record) is { } match)
        {
            (match.Exact ? _same : _similar).Add(line);
            _first = match.Exact && _same.Count == 1 ? (line, match.Line) : _first ?? (line, match.Line);
        }
    }

    /// <summary>What was found, in a sentence; null where that is nothing.</summary>
    public string? Warning()
    {
        if (_first is not { } first)
        {
            return null;
        }

        var found = string.Join(" and ", new[] { Described(_same, "the prompt of a training record"), Described(_similar, "nearly the prompt of one") }.OfType<string>());
        return string.Create(CultureInfo.InvariantCulture, $"Training and validation data overlap: {found}; validation line {first.Line} is training line {first.Training}. The validation reward will be too good.");
    }

    private static string? Described(LineList lines, string what) => lines.Count == 0 ? null : $"{lines.Counted()} of the validation data {(lines.Count == 1 ? "has" : "have")} {what} ({lines})";
}
