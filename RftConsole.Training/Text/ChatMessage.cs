using System.Text.Json.Nodes;

namespace RftConsole.Training.Text;

/// <summary>One turn of a conversation: <paramref name="Role"/> is <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said; empty where the turn only calls tools.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>The tool calls of an assistant's turn, in OpenAI's form.</summary>
    public JsonArray? ToolCalls { get; init; }

    /// <summary>The call that a tool's turn answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The turn in the form of the OpenAI Chat Completions format; keys that do not apply are left out.</summary>
    public JsonObject ToJson()
    {
        var onlyCalls = Content.Length == 0 && ToolCalls is not null;
        var message = new JsonObject { ["role"] = Role, ["content"] = onlyCalls ? null : Content };
        if (ToolCalls is not null)
        {
            message["tool_calls"] = ToolCalls.DeepClone();
        }

        if (ToolCallId is not null)
        {
            message["tool_call_id"] = ToolCallId;
        }

        return message;
    }
}
