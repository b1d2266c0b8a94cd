using DiffPlex;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace RftConsole.Web.Components.Rewards;

/// <summary>How a line takes part in a comparison.</summary>
public enum DiffKind
{
    Same,
    Removed,
    Added,

    /// <summary>Stands for lines that are equal on both sides.</summary>
    Folded,
}

/// <summary>A line of a comparison.</summary>
/// <param name="Kind">Which side has it.</param>
/// <param name="Text">The line, or how many lines are folded.</param>
/// <param name="Before">Its number in the older text.</param>
/// <param name="After">Its number in the newer text.</param>
public sealed record DiffLine(DiffKind Kind, string Text, int? Before, int? After);

/// <summary>Compares two texts line by line. Pure.</summary>
public static class TextDiff
{
    private const int Context = 3;

    /// <summary>Changed lines with three lines around them; empty where the texts are equal.</summary>
    public static IReadOnlyList<DiffLine> Of(string before, string after)
    {
        List<DiffLine> lines = [];
        (int old, int now) = (0, 0);
        foreach (DiffPiece piece in new InlineDiffBuilder(new Differ()).BuildDiffModel(before, after, ignoreWhitespace: false).Lines)
        {
            lines.Add(piece.Type switch
            {
                ChangeType.Inserted => new(DiffKind.Added, piece.Text, null, ++now),
                ChangeType.Deleted => new(DiffKind.Removed, piece.Text, ++old, null),
                _ => new(DiffKind.Same, piece.Text, ++old, ++now),
            });
        }

        return lines.All(line => line.Kind == DiffKind.Same) ? [] : Fold(lines);
    }

    private static List<DiffLine> Fold(List<DiffLine> lines)
    {
        bool[] shown = new bool[lines.Count];
        foreach ((int index, DiffLine line) in lines.Index())
        {
            if (line.Kind != DiffKind.Same)
            {
                Array.Fill(shown, true, Math.Max(0, index - Context), Math.Min(lines.Count, index + Context + 1) - Math.Max(0, index - Context));
            }
        }

        List<DiffLine> folded = [];
        int hidden = 0;
        for (int index = 0; index <= lines.Count; index++)
        {
            if (index < lines.Count && !shown[index])
            {
                hidden++;
                continue;
            }

            if (hidden > 0)
            {
                folded.Add(new(DiffKind.Folded, hidden == 1 ? L["1 equal line"] : L["{0} equal lines", hidden], null, null));
                hidden = 0;
            }

            if (index < lines.Count)
            {
                folded.Add(lines[index]);
            }
        }

        return folded;
    }
}
