using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>What was asked of a model in one logged call.</summary>
/// <param name="Messages">The turns, ending with the user's.</param>
/// <param name="Tools">OpenAI function tools, or null.</param>
/// <param name="Prefill">The beginning of the reply where the request gave it; otherwise empty.</param>
internal sealed record LoggedConversation(IReadOnlyList<ChatMessage> Messages, JsonArray? Tools, string Prefill)
{
    /// <summary>Reads the request body of any provider.</summary>
    /// <exception cref="RejectedRecordException">It holds something other than text, or is of no known shape.</exception>
    public static LoggedConversation Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new RejectedRecordException($"input.inputBodyJson must be an object, not {RecordJson.Describe(body)}");
        }

        var messages = Turns(body);
        var prefill = "";
        if (messages.Count > 0 && messages[^1] is { Role: "assistant", ToolCalls: null } last)
        {
            prefill = last.Content;
            messages.RemoveAt(messages.Count - 1);
        }

        return new LoggedConversation(messages, LoggedTools.Read(body), prefill);
    }

    private static List<ChatMessage> Turns(JsonElement body)
    {
        if (body.TryGetProperty("messages", out _))
        {
            return LoggedMessages.Read(body);
        }

        if (Text(body, "prompt") is { } prompt)
        {
            return PromptFormats.Read(prompt);
        }

        if (Text(body, "inputText") is { } titan)
        {
            return PromptFormats.ReadTitan(titan);
        }

        if (Text(body, "message") is { } cohere)
        {
            return Cohere(body, cohere);
        }

        var keys = string.Join(", ", body.EnumerateObject().Take(6).Select(member => member.Name));
        throw new RejectedRecordException($"the input body is of no known shape (keys: {(keys.Length == 0 ? "none" : keys)}); known are messages, prompt and inputText");
    }

    private static List<ChatMessage> Cohere(JsonElement body, string message)
    {
        var turns = new List<ChatMessage>();
        if (Text(body, "preamble") is { Length: > 0 } preamble)
        {
            turns.Add(new ChatMessage("system", preamble));
        }

        if (body.TryGetProperty("chat_history", out var history) && history.ValueKind == JsonValueKind.Array)
        {
            turns.AddRange(history.EnumerateArray().Where(turn => turn.ValueKind == JsonValueKind.Object).Select(turn => new ChatMessage(
                Text(turn, "role")?.ToUpperInvariant() switch { "CHATBOT" => "assistant", "SYSTEM" => "system", _ => "user" }, Text(turn, "message") ?? "")));
        }

        return [.. turns, new ChatMessage("user", message)];
    }

    private static string? Text(JsonElement body, string key) => body.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
