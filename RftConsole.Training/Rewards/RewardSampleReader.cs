using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Datasets;
using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards;

/// <summary>Reads samples in the shape of a reward function's event: JSON Lines, one object with <c>id</c> and <c>messages</c> a line.</summary>
public static class RewardSampleReader
{
    /// <exception cref="UserInputException">The file cannot be read or a line cannot be used; the message names the line.</exception>
    public static IReadOnlyList<RewardSample> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads a stream; <paramref name="name"/> is what errors call it.</summary>
    /// <exception cref="UserInputException">A line cannot be used.</exception>
    public static IReadOnlyList<RewardSample> Read(Stream stream, string name)
    {
        List<RewardSample> samples = [];
        HashSet<string> ids = [];
        foreach (RawLine line in JsonLines.Read(stream, name))
        {
            try
            {
                RewardSample sample = ReadSample(line);
                samples.Add(ids.Add(sample.Id) ? sample : throw new RejectedRecordException($"id \"{sample.Id}\" stands in an earlier line already"));
            }
            catch (RejectedRecordException error)
            {
                throw new UserInputException($"{name}, line {line.Number}: {error.Message}", error);
            }
        }

        return samples.Count > 0 ? samples : throw new UserInputException($"{name} holds no samples; each line must be a JSON object with id and messages.");
    }

    private static RewardSample ReadSample(RawLine line)
    {
        JsonElement sample = line.Parse();
        if (!sample.TryGetProperty("id", out JsonElement id) || id.ValueKind != JsonValueKind.String || id.GetString()!.Length == 0)
        {
            throw new RejectedRecordException("id is missing; it must be a text");
        }

        if (!sample.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw new RejectedRecordException("messages is missing; it must be a list that ends with the response");
        }

        JsonObject metadata = [];
        if (sample.TryGetProperty("metadata", out JsonElement given) && given.ValueKind != JsonValueKind.Null)
        {
            metadata = given.ValueKind == JsonValueKind.Object
                ? JsonObject.Create(given)!
                : throw new RejectedRecordException($"metadata must be an object, not {RecordJson.Describe(given)}");
        }

        JsonNode? reference = sample.TryGetProperty("reference_answer", out JsonElement answer) ? JsonSerializer.SerializeToNode(answer) : metadata["reference_answer"]?.DeepClone();
        metadata.Remove("reference_answer");
        return new(id.GetString()!, [.. messages.EnumerateArray().Select(ReadMessage)], reference, metadata);
    }

    /// <summary>More lenient than a training file: a response may be empty, and the last turn is the assistant's.</summary>
    private static ChatMessage ReadMessage(JsonElement message, int index)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out JsonElement role) || role.ValueKind != JsonValueKind.String)
        {
            throw new RejectedRecordException($"messages[{index}] must be an object with role and content");
        }

        message.TryGetProperty("content", out JsonElement content);
        string text = content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => ReadPart(part, index))),
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            _ => throw new RejectedRecordException($"messages[{index}].content must be a text or a list of text parts, not {RecordJson.Describe(content)}"),
        };
        return new(role.GetString()!, text)
        {
            ToolCalls = message.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array ? JsonArray.Create(calls) : null,
            ToolCallId = message.TryGetProperty("tool_call_id", out JsonElement call) && call.ValueKind == JsonValueKind.String ? call.GetString() : null,
        };
    }

    private static string ReadPart(JsonElement part, int index) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new RejectedRecordException($"messages[{index}].content holds a part without text; only text parts are supported");
}
