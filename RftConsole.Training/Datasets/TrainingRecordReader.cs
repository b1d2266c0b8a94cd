using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Datasets;

/// <summary>
/// Reads a training file: JSON Lines, one record a line in the OpenAI Chat Completions format. Every line is either accepted or
/// rejected with its reason; no content of a file is an error of the program.
/// </summary>
public static class TrainingRecordReader
{
    /// <summary>The original's limits; outside of them training works, only less well.</summary>
    private const int FewestRecords = 100;
    private const int MostRecords = 20_000;

    private static readonly string[] OwnKeys = ["messages", "reference_answer", "id", "tools"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserInputException">The file is missing, cannot be read, or is in UTF-16.</exception>
    public static DatasetReport Read(string path, CancellationToken cancellation = default)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Read(stream, path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a stream; <paramref name="name"/> is what errors call it.</summary>
    /// <exception cref="UserInputException">The content is in UTF-16.</exception>
    public static DatasetReport Read(Stream stream, string name, CancellationToken cancellation = default)
    {
        var lines = new List<ReadLine>();
        var rejected = new List<RejectedLine>();
        var lineOfId = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var raw in JsonLines.Read(stream, name))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var line = ReadRecord(raw);
                if (line.Record.Id.Length > 0 && !lineOfId.TryAdd(line.Record.Id, line.Number))
                {
                    throw new RejectedRecordException($"id \"{line.Record.Id}\" is already the id of line {lineOfId[line.Record.Id]}");
                }

                lines.Add(line);
            }
            catch (RejectedRecordException e)
            {
                rejected.Add(new RejectedLine(raw.Number, e.Message, raw.Excerpt()));
            }
        }

        return new DatasetReport([.. lines.Select(line => WithId(line, lineOfId))], rejected, Warnings(lines));
    }

    private static ReadLine ReadRecord(RawLine raw)
    {
        if (raw.Overlong)
        {
            throw new RejectedRecordException($"longer than {JsonLines.LongestLine >> 20} MB");
        }

        var record = RecordJson.ParseObject(raw.Bytes);
        var (prompt, answerDropped) = MessageParser.ReadPrompt(record);
        var metadata = new JsonObject();
        foreach (var member in record.EnumerateObject().Where(member => !OwnKeys.Contains(member.Name)))
        {
            metadata[member.Name] = NodeOf(member.Value);
        }

        var tools = record.TryGetProperty("tools", out var given) ? MessageParser.ReadTools(given) : null;
        return new ReadLine(raw.Number, new TrainingRecord(ReadId(record), prompt, ReadReference(record), metadata) { Tools = tools }, answerDropped);
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

    // Generated after all lines are read, because a record further down may own the id that an earlier line would be given.
    private static TrainingRecord WithId(ReadLine line, Dictionary<string, int> lineOfId)
    {
        if (line.Record.Id.Length > 0)
        {
            return line.Record;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"line-{line.Number}");
        while (!lineOfId.TryAdd(id, line.Number))
        {
            id += "'";
        }

        return line.Record with { Id = id };
    }

    private static List<string> Warnings(List<ReadLine> lines)
    {
        var warnings = new List<string>();
        if (lines.Count < FewestRecords)
        {
            warnings.Add($"{Count(lines.Count, "record")}: fewer than {FewestRecords} teach little, and what they teach may not carry over.");
        }
        else if (lines.Count > MostRecords)
        {
            warnings.Add($"{Count(lines.Count, "record")}: Amazon Bedrock takes at most {MostRecords:N0}.");
        }

        AddCounted(lines, line => line.Record.ReferenceAnswer is null, "without reference_answer: a reward function that compares with one cannot grade them", warnings);
        AddCounted(lines, line => line.AnswerDropped, "ending with an assistant turn, which is left out of the prompt", warnings);
        return warnings;
    }

    private static void AddCounted(List<ReadLine> lines, Predicate<ReadLine> matches, string described, List<string> warnings)
    {
        var found = lines.FindAll(matches);
        if (found.Count > 0)
        {
            warnings.Add($"{Count(found.Count, "record")} {described} (first: line {found[0].Number}).");
        }
    }

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private sealed record ReadLine(int Number, TrainingRecord Record, bool AnswerDropped);
}
