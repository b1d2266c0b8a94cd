using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets;

/// <summary>One accepted line of a training file: a prompt and what the reward function needs to grade its answers.</summary>
/// <param name="Id">The record's own id, or a generated one.</param>
/// <param name="Messages">The prompt, ending with the user's turn.</param>
/// <param name="ReferenceAnswer">A string, an object, or null where the record has none.</param>
/// <param name="Metadata">All further keys of the line, handed to the reward function.</param>
public sealed record TrainingRecord(string Id, IReadOnlyList<ChatMessage> Messages, JsonNode? ReferenceAnswer, JsonObject Metadata)
{
    /// <summary>OpenAI function tools for the chat template, or null.</summary>
    public JsonArray? Tools { get; init; }
}
