namespace RftConsole.Training.Text;

/// <summary>What becomes of the places that a pre-tokenizer's pattern matches (the values of <c>behavior</c> in tokenizer.json).</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>One stage of pre-tokenization: cuts a stretch of text into shorter ones.</summary>
internal sealed class SplitStage
{
    private readonly UnicodeRegex _regex;
    private readonly SplitBehavior _behavior;
    private readonly bool _invert;

    /// <param name="regex">Where to cut.</param>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="invert">The pattern describes what lies between the matches.</param>
    public SplitStage(UnicodeRegex regex, SplitBehavior behavior, bool invert)
    {
        _regex = regex;
        _behavior = behavior;
        _invert = invert;
    }

    /// <summary>The <c>Digits</c> pre-tokenizer: numeric characters apart from all others, one by one or in runs.</summary>
    public static SplitStage Digits(bool individual) =>
        new(SplitPattern.Numerics, individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous, invert: false);

    /// <summary>Appends the pieces of <paramref name="text"/>[<paramref name="stretch"/>], as stretches of the whole text.</summary>
    public void Split(string text, Stretch stretch, List<Stretch> pieces)
    {
        var first = pieces.Count;
        var parts = new List<(Stretch Stretch, bool Match)>();
        var end = stretch.Start;
        foreach (var match in _regex.Matches(text.AsSpan(stretch.Start, stretch.Length)))
        {
            var start = stretch.Start + match.Start;
            if (start > end)
            {
                parts.Add((new Stretch(end, start - end), _invert));
            }

            parts.Add((new Stretch(start, match.Length), !_invert));
            end = start + match.Length;
        }

        if (end < stretch.End)
        {
            parts.Add((new Stretch(end, stretch.End - end), _invert));
        }

        if (_behavior == SplitBehavior.MergedWithNext)
        {
            parts.Reverse();
        }

        var previousMatch = false;
        for (var i = 0; i < parts.Count; i++)
        {
            var (part, match) = parts[i];
            if (_behavior == SplitBehavior.Removed && match)
            {
                continue;
            }

            var joins = i > 0 && _behavior switch
            {
                SplitBehavior.MergedWithPrevious or SplitBehavior.MergedWithNext => match && !previousMatch,
                SplitBehavior.Contiguous => match == previousMatch,
                _ => false,
            };
            if (joins)
            {
                pieces[^1] = pieces[^1].Joined(part);
            }
            else
            {
                pieces.Add(part);
            }

            previousMatch = match;
        }

        if (_behavior == SplitBehavior.MergedWithNext)
        {
            pieces.Reverse(first, pieces.Count - first);
        }
    }
}

/// <summary>A stretch of a text in UTF-16 units.</summary>
internal readonly record struct Stretch(int Start, int Length)
{
    public int End => Start + Length;

    /// <summary>The stretch over this one and a neighbour.</summary>
    public Stretch Joined(Stretch neighbour)
    {
        var start = Math.Min(Start, neighbour.Start);
        return new Stretch(start, Math.Max(End, neighbour.End) - start);
    }
}
