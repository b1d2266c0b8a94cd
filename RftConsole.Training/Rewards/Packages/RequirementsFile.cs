using System.Text.RegularExpressions;

namespace RftConsole.Training.Rewards.Packages;

/// <summary>A <c>requirements.txt</c> before pip sees it: what it names beside itself would be no part of a job.</summary>
internal static partial class RequirementsFile
{
    private const int LongestFile = 64 << 10;

    /// <summary>The file's text, with line ends of one kind.</summary>
    /// <param name="path">The file.</param>
    /// <param name="field">What errors call it.</param>
    /// <exception cref="UserInputException">It cannot be read, holds no requirement, or names another file; the message gives the line.</exception>
    public static string Read(string path, string field)
    {
        string text;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LongestFile } file)
            {
                throw new UserInputException($"{field} '{path}' has {file.Length} bytes; at most {LongestFile} are allowed.");
            }

            text = File.ReadAllText(path).ReplaceLineEndings("\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{field} '{path}' cannot be read: {error.Message}", error);
        }

        bool any = false;
        foreach ((int index, string line) in text.Split('\n').Index())
        {
            string content = line.Split(" #")[0].Trim();
            if (content.Length == 0 || content[0] == '#')
            {
                continue;
            }

            if (OtherFile.Match(content) is { Success: true } option)
            {
                throw new UserInputException($"{field} '{path}', line {index + 1}: {option.Value.TrimEnd('=', ' ')} is not supported; write every requirement into this file, for packages that are published as wheels.");
            }

            any |= content[0] != '-';
        }

        return any ? text : throw new UserInputException($"{field} '{path}' names no package.");
    }

    [GeneratedRegex(@"^(?:-r|-c|-e|--requirement|--constraint|--editable|--no-binary)(?=[\s=]|[^\w-])[=\s]*")]
    private static partial Regex OtherFile { get; }
}
