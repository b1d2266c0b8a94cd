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
