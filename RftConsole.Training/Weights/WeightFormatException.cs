namespace RftConsole.Training.Weights;

/// <summary>A model or adapter file cannot be used; the message names file and tensor in one line.</summary>
public sealed class WeightFormatException : UserInputException
{
    private const int LongestPart = 400;

    public WeightFormatException(string path, string? tensor, string reason, Exception? inner = null)
        : base($"{path}{(tensor is null ? "" : $", {OneLine(tensor)}")}: {OneLine(reason)}", inner)
    {
    }

    /// <summary>Names come from the file: a hostile one may hold line breaks, or be megabytes long.</summary>
    private static string OneLine(string part)
    {
        string shown = part.Length <= LongestPart ? part : part[..LongestPart] + "…";
        return shown.Any(char.IsControl) ? string.Concat(shown.Select(x => char.IsControl(x) ? '\uFFFD' : x)) : shown;
    }
}
