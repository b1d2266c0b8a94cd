using RftConsole.Training;

namespace RftConsole.Web.DataSets;

/// <summary>File names that come from a browser, made fit for a folder of this console.</summary>
internal static class DataSetFileName
{
    /// <summary>Of every data set that is kept.</summary>
    public const string Extension = ".jsonl";

    private const int LongestStem = 80;

    /// <summary>Of training records, which may be compressed.</summary>
    private static readonly string[] s_records = [".jsonl", ".jsonl.gz", ".gz", ".ndjson", ".json"];

    private static readonly string[] s_tables = [".csv", ".tsv", ".parquet", ".csv.gz", ".tsv.gz"];

    /// <summary>The name of a data set: letters, digits, spaces and <c>- _ . ( )</c> of the last part of <paramref name="given"/>, other characters as hyphens, ending with .jsonl.</summary>
    /// <exception cref="UserInputException">It does not end as a file of training records does.</exception>
    public static string Clean(string given)
    {
        string last = LastPart(given);
        string extension = s_records.Concat(s_tables).Where(known => last.EndsWith(known, StringComparison.OrdinalIgnoreCase)).MaxBy(known => known.Length)
            ?? throw Refused(last);
        return Plain(last[..^extension.Length]) + Extension;
    }

    /// <summary>The name of a file on its way; it keeps its ending.</summary>
    /// <exception cref="UserInputException">It does not end as a file of training records, a table or a log does.</exception>
    public static string CleanUpload(string given)
    {
        string last = LastPart(given);
        string[] known = [.. s_records, .. s_tables, ".log", ".log.gz", ".json.gz"];
        string extension = known.Where(end => last.EndsWith(end, StringComparison.OrdinalIgnoreCase)).MaxBy(end => end.Length) ?? throw Refused(last);
        return Plain(last[..^extension.Length]) + extension;
    }

    /// <summary>Whether its columns have to be named before it is training data.</summary>
    public static bool IsTable(string name) => s_tables.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

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

    private static string LastPart(string given) => given[(given.LastIndexOfAny(['/', '\\']) + 1)..].Trim();

    private static string Plain(string stem)
    {
        string plain = string.Concat(stem.Select(character => IsPlain(character) ? character : '-')).Trim('.', ' ');
        return plain.Length == 0 ? "data" : plain[..Math.Min(plain.Length, LongestStem)].TrimEnd('.', ' ');
    }

    private static UserInputException Refused(string last) =>
        new($"\"{Shorten(last)}\" cannot be used: training data is JSON Lines, one record a line, in a file whose name ends with .jsonl or .jsonl.gz, or a table that ends with .csv or .parquet.");

    private static bool IsPlain(char character) => char.IsLetterOrDigit(character) || character is '-' or '_' or '.' or ' ' or '(' or ')';

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
