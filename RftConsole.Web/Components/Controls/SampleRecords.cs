using System.Text.Json;

namespace RftConsole.Web.Components.Controls;

/// <summary>A record as a preview shows it.</summary>
/// <param name="Instructions">The system message, where there is one.</param>
/// <param name="Prompt">The last user message.</param>
/// <param name="Reference">The reference answer as text.</param>
public sealed record SampleRecord(string? Instructions, string Prompt, string? Reference);

/// <summary>Reads the console's own sample files; those are known to be well formed.</summary>
public static class SampleRecords
{
    /// <summary>Records of a file from position <paramref name="skip"/> on; empty where the file is missing.</summary>
    public static IReadOnlyList<SampleRecord> Read(string file, int skip, int take) =>
        File.Exists(file) ? [.. File.ReadLines(file).Where(line => line.Length > 0).Skip(skip).Take(take).Select(Parse)] : [];

    /// <summary>How many records a file holds.</summary>
    public static int Count(string file) => File.Exists(file) ? File.ReadLines(file).Count(line => line.Length > 0) : 0;

    private static SampleRecord Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        string? instructions = null;
        string prompt = "";
        foreach (JsonElement message in root.GetProperty("messages").EnumerateArray())
        {
            string? content = message.GetProperty("content").GetString();
            switch (message.GetProperty("role").GetString())
            {
                case "system" or "developer":
                    instructions = content;
                    break;
                case "user":
                    prompt = content ?? "";
                    break;
            }
        }

        string? reference = root.TryGetProperty("reference_answer", out JsonElement answer)
            ? answer.ValueKind == JsonValueKind.String ? answer.GetString() : answer.GetRawText()
            : null;
        return new SampleRecord(instructions, prompt, reference);
    }
}
