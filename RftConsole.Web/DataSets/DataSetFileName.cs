using RftConsole.Training;

namespace RftConsole.Web.DataSets;

/// <summary>File names that come from a browser, made fit for a folder of this console.</summary>
internal static class DataSetFileName
{
    public const string Extension = ".jsonl";

    private const int LongestStem = 80;

    /// <summary>Letters, digits, spaces and <c>- _ . ( )</c> of the last part of <paramref name="given"/>; other characters become hyphens.</summary>
    /// <exception cref="UserInputException">It does not end with .jsonl.</exception>
    public static string Clean(string given)
    {
        string last = given[(given.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        if (!last.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
        {
            throw new UserInputException($"\"{Shorten(last)}\" is no .jsonl file: training data is JSON Lines, one record a line, in a file whose name ends with .jsonl.");
        }

        string stem = string.Concat(last[..^Extension.Length].Select(character => IsPlain(character) ? character : '-')).Trim('.', ' ');
        return (stem.Length == 0 ? "data" : stem[..Math.Min(stem.Length, LongestStem)].TrimEnd('.', ' ')) + Extension;
    }

    /// <summary>The name, or the first of <c>name (2).jsonl</c>, <c>name (3).jsonl</c> … that is not taken.</summary>
    public static string Unique(string name, IReadOnlySet<string> taken)
    {
        string stem = name[..^Extension.Length];
        string unique = name;
        for (int number = 2; taken.Contains(unique); number++)
        {
            unique = $"{stem} ({number}){Extension}";
        }

        return unique;
    }

    private static bool IsPlain(char character) => char.IsLetterOrDigit(character) || character is '-' or '_' or '.' or ' ' or '(' or ')';

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
