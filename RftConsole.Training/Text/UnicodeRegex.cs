using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RftConsole.Training.Text;

/// <summary>
/// A regular expression that sees characters outside the basic multilingual plane as one character of their own category.
/// .NET matches UTF-16 units, so that <c>\p{L}</c> would miss the letter 𝒜; tokenizer files are written for engines that match code points.
/// </summary>
internal sealed class UnicodeRegex(Regex regex)
{
    private static readonly char[] StandInOfCategory = BuildStandIns();

    /// <summary>The non-empty matches, left to right, as stretches of <paramref name="text"/>.</summary>
    /// <exception cref="UserInputException">The expression's time limit is reached.</exception>
    public List<Stretch> Matches(ReadOnlySpan<char> text)
    {
        try
        {
            return text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? MatchesOfUnits(text) : MatchesOfCodePoints(text);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new UserInputException($"The tokenizer's pattern {regex} takes more than {regex.MatchTimeout.TotalSeconds:0} s for one word; such a tokenizer cannot be used.", e);
        }
    }

    private List<Stretch> MatchesOfUnits(ReadOnlySpan<char> text)
    {
        var matches = new List<Stretch>();
        foreach (var match in regex.EnumerateMatches(text))
        {
            if (match.Length > 0)
            {
                matches.Add(new Stretch(match.Index, match.Length));
            }
        }

        return matches;
    }

    private List<Stretch> MatchesOfCodePoints(ReadOnlySpan<char> text)
    {
        var (shadow, offsets) = Shadow(text);
        var matches = MatchesOfUnits(shadow);
        for (var i = 0; i < matches.Count; i++)
        {
            var start = offsets[matches[i].Start];
            matches[i] = new Stretch(start, offsets[matches[i].End] - start);
        }

        return matches;
    }

    /// <summary>The text with one UTF-16 unit a code point, and where each of them starts in the original (with the end as last entry).</summary>
    private static (string Text, int[] Offsets) Shadow(ReadOnlySpan<char> text)
    {
        var characters = new StringBuilder(text.Length);
        var offsets = new List<int>(text.Length + 1);
        var offset = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            characters.Append(rune.IsBmp ? (char)rune.Value : StandInOfCategory[(int)Rune.GetUnicodeCategory(rune)]);
            offsets.Add(offset);
            offset += rune.Utf16SequenceLength;
        }

        offsets.Add(offset);
        return (characters.ToString(), [.. offsets]);
    }

    // The last character of each category lies far from the ASCII and CJK ranges that patterns name one by one.
    private static char[] BuildStandIns()
    {
        var standIns = new char[Enum.GetValues<UnicodeCategory>().Length];
        for (var value = 0; value <= char.MaxValue; value++)
        {
            standIns[(int)CharUnicodeInfo.GetUnicodeCategory((char)value)] = (char)value;
        }

        return standIns;
    }
}
