using System.Text.RegularExpressions;

namespace RftConsole.Training.Starter;

/// <summary>Reading answers word by word.</summary>
internal static partial class Words
{
    /// <summary>The words and numbers of a text, without punctuation.</summary>
    public static string[] Of(string text) => [.. Word().Matches(text).Select(match => match.Value)];

    /// <summary>The sentences of a text without their ends; null where the last one does not end, or where there is none.</summary>
    public static string[]? Sentences(string text)
    {
        string trimmed = text.Trim();
        return trimmed.EndsWith('.') ? [.. trimmed[..^1].Split(". ")] : null;
    }

    /// <summary>Whether a word or phrase stands in a text, as whole words in this letter case.</summary>
    public static bool Holds(string text, string phrase) => Place(phrase).IsMatch(text);

    /// <summary>Replaces a word or phrase wherever it stands as whole words.</summary>
    public static string Replace(string text, string phrase, string by) => Place(phrase).Replace(text, by);

    private static Regex Place(string phrase) => new(@"(?<!\w)" + Regex.Escape(phrase) + @"(?!\w)", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"\w+(?:[:@.]\w+)*")]
    private static partial Regex Word();
}
