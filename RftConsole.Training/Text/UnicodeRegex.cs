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
    public List<Stretch> Matches(ReadOnlySpan<char> text)
    {
        var matches = new List<Stretch>();
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            foreach (var match in regex.EnumerateMatches(text))
            {
                if (match.Length > 0)
                {
                    matches.Add(new Stretch(match.Index, match.Length));
                }
            }

            return matches;
        }

        var (shadow, offsets) = Shadow(text);
        foreach (var match in regex.EnumerateMatches(shadow))
        {
            if (match.Length > 0)
            {
                matches.Add(new Stretch(offsets[match.Index], offsets[match.Index + match.Length] - offsets[match.Index]));
            }
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
