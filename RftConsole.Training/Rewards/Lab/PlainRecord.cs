using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Datasets;
using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>A training record made of what a person typed.</summary>
public static class PlainRecord
{
    /// <param name="id">Its id.</param>
    /// <param name="prompt">The user's message.</param>
    /// <param name="reference">A JSON object, or a text as it stands; empty for none.</param>
    public static TrainingRecord Of(string id, string prompt, string reference) =>
        new(id, [new ChatMessage("user", prompt)], string.IsNullOrWhiteSpace(reference) ? null : Reference(reference), []);

    /// <summary>The record as a line of a training file.</summary>
    public static string ToJson(TrainingRecord record)
    {
        JsonObject line = new() { ["id"] = record.Id, ["messages"] = new JsonArray([.. record.Messages.Select(message => message.ToJson())]) };
        if (record.ReferenceAnswer is not null)
        {
            line["reference_answer"] = record.ReferenceAnswer.DeepClone();
        }

        if (record.Tools is not null)
        {
            line["tools"] = record.Tools.DeepClone();
        }

        foreach ((string key, JsonNode? value) in record.Metadata)
        {
            line[key] = value?.DeepClone();
        }

        return line.ToJsonString();
    }

    private static JsonNode Reference(string text)
    {
        if (text.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal))
        {
            try
            {
                return JsonNode.Parse(text)!;
            }
            catch (JsonException)
            {
                // A text that only begins like an object.
            }
        }

        return JsonValue.Create(text);
    }
}
