using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Training.Datasets;

/// <summary>
/// Reads a training file: JSON Lines, one record a line in the OpenAI Chat Completions format, plain or compressed with gzip.
/// Every line is either accepted or rejected with its reason; no content of a file is an error of the program.
/// </summary>
public static class TrainingRecordReader
{
    private static readonly string[] OwnKeys = ["messages", "reference_answer", "id", "tools"];

    /// <summary>Reads all of a file into memory.</summary>
    /// <exception cref="UserInputException">The file is missing or cannot be read.</exception>
    public static DatasetReport Read(string path, CancellationToken cancellation = default)
    {
        using var stream = DataFile.Open(path);
        return Read(stream, path, cancellation);
    }

    /// <summary>Reads all of a stream into memory; <paramref name="name"/> is what errors call it.</summary>
    public static DatasetReport Read(Stream stream, string name, CancellationToken cancellation = default)
    {
        var accepted = new List<TrainingRecord>();
        var lines = new List<int>();
        var rejected = new List<RejectedLine>();
        var ids = new RecordIds();
        var inspector = new DatasetInspector();
        foreach (var line in Lines(stream, name, ids, cancellation))
        {
            if (line.Record is { } record)
            {
                accepted.Add(record);
                lines.Add(line.Number);
                inspector.Add(line);
            }
            else
            {
                rejected.Add(line.Rejected!);
            }
        }

        // Generated after all lines are read, because a record further down may own the id that an earlier line would be given.
        for (var i = 0; i < accepted.Count; i++)
        {
            if (accepted[i].Id.Length == 0)
            {
                accepted[i] = accepted[i] with { Id = ids.Generate(lines[i]) };
            }
        }

        return new DatasetReport(accepted, rejected, inspector.Warnings()) { Lines = lines, Prompts = inspector.Prompts };
    }

    /// <summary>The lines of a file that cannot be used.</summary>
    /// <exception cref="UserInputException">The file is missing or cannot be read.</exception>
    public static IReadOnlyList<RejectedLine> Rejected(string path, CancellationToken cancellation = default)
    {
        using var stream = DataFile.Open(path);
        return [.. Lines(stream, path, new RecordIds(), cancellation).Select(line => line.Rejected).OfType<RejectedLine>()];
    }

    /// <summary>Reads line by line, in memory that does not grow with the file but for a few bytes a record.</summary>
    /// <param name="stream">The records, not compressed.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="ids">Takes every record's own id; records without one have an empty id until <see cref="RecordIds.Generate"/> gives them theirs.</param>
    /// <param name="cancellation">Checked before each line.</param>
    internal static IEnumerable<TrainingLine> Lines(Stream stream, string name, RecordIds ids, CancellationToken cancellation = default)
    {
        foreach (var raw in JsonLines.Read(stream, name))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return ReadLine(raw, ids);
        }
    }

    /// <summary>Sees that a record of the engine's own making keeps the rules.</summary>
    /// <exception cref="RejectedRecordException">It does not.</exception>
    internal static void Check(JsonObject record)
    {
        var element = JsonSerializer.SerializeToElement(record);
        MessageParser.ReadPrompt(element);
        if (element.TryGetProperty("tools", out var tools))
        {
            MessageParser.ReadTools(tools);
        }
    }

    /// <summary>One line by itself, beside the ids of those before it.</summary>
    internal static TrainingLine ReadLine(RawLine raw, RecordIds ids)
    {
        try
        {
            var line = ReadRecord(raw);
            if (line.Record!.Id.Length > 0 && !ids.TryAdd(line.Record.Id, line.Number, out var first))
            {
                throw new RejectedRecordException($"id \"{line.Record.Id}\" is already the id of line {first.ToString(CultureInfo.InvariantCulture)}");
            }

            return line;
        }
        catch (RejectedRecordException e)
        {
            return new TrainingLine(raw.Number, null, false, new RejectedLine(raw.Number, e.Message, raw.Excerpt()));
        }
    }

    private static TrainingLine ReadRecord(RawLine raw)
    {
        var record = raw.Parse();
        var (prompt, answerDropped) = MessageParser.ReadPrompt(record);
        var metadata = new JsonObject();
        foreach (var member in record.EnumerateObject().Where(member => !OwnKeys.Contains(member.Name)))
        {
            metadata[member.Name] = NodeOf(member.Value);
        }

        var tools = record.TryGetProperty("tools", out var given) ? MessageParser.ReadTools(given) : null;
        return new TrainingLine(raw.Number, new TrainingRecord(ReadId(record), prompt, ReadReference(record), metadata) { Tools = tools }, answerDropped, null);
    }

    /// <returns>The record's own id; empty where one has to be generated.</returns>
    private static string ReadId(JsonElement record)
    {
        if (!record.TryGetProperty("id", out var id) || id.ValueKind == JsonValueKind.Null)
        {
            return "";
        }

        return id.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(id.GetString())
            ? id.GetString()!
            : throw new RejectedRecordException($"id must be a non-empty string, not {RecordJson.Describe(id)}");
    }

    private static JsonNode? ReadReference(JsonElement record)
    {
        if (!record.TryGetProperty("reference_answer", out var reference))
        {
            return null;
        }

        return reference.ValueKind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Null
            ? NodeOf(reference)
            : throw new RejectedRecordException($"reference_answer must be a string or an object, not {RecordJson.Describe(reference)}");
    }

    private static JsonNode? NodeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };
}

/// <summary>One line of a training file that is not blank: a record, or why it is none.</summary>
/// <param name="Number">Counted from 1, blank lines included.</param>
/// <param name="Record">The record; null where the line is rejected.</param>
/// <param name="AnswerDropped">A trailing assistant turn was left out of the prompt.</param>
/// <param name="Rejected">Why the line cannot be used.</param>
internal sealed record TrainingLine(int Number, TrainingRecord? Record, bool AnswerDropped, RejectedLine? Rejected);
