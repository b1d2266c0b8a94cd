using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>
/// Reads turns as the providers write them into turns of the Chat Completions format. Contents are strings, typed parts
/// (<c>{"type":"text",…}</c>: OpenAI, Anthropic), or parts named by their key (<c>{"text":…}</c>: Converse, Nova).
/// </summary>
internal static class LoggedMessages
{
    /// <summary>Separates the text blocks of one turn.</summary>
    private const string BlockSeparator = "\n";

    /// <summary>The turns of a body's <c>messages</c>, after its <c>system</c> where it has one.</summary>
    /// <exception cref="RejectedRecordException">Something in it is not text, or is nothing known.</exception>
    public static List<ChatMessage> Read(JsonElement body)
    {
        var messages = new List<ChatMessage>();
        if (body.TryGetProperty("system", out var system) && TextOf(system, "system") is { Length: > 0 } instructions)
        {
            messages.Add(new ChatMessage("system", instructions));
        }

        foreach (var (index, message) in Items(body.GetProperty("messages"), "messages"))
        {
            AddTurn(message, $"messages[{index}]", messages);
        }

        return messages;
    }

    /// <summary>The text of a string or of a list of parts; parts that are not text are errors.</summary>
    public static string TextOf(JsonElement content, string place)
    {
        if (content.ValueKind is JsonValueKind.String or JsonValueKind.Null)
        {
            return content.GetString() ?? "";
        }

        var turn = new Turn();
        AddContent(content, place, turn);
        return turn.ToolCalls.Count + turn.ToolResults.Count == 0 ? turn.Text : throw new RejectedRecordException($"{place} holds tool calls");
    }

    private static void AddTurn(JsonElement message, string place, List<ChatMessage> messages)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out var given) || given.ValueKind != JsonValueKind.String)
        {
            throw new RejectedRecordException($"{place} has no role");
        }

        var role = given.GetString()!;
        var turn = new Turn();
        if (message.TryGetProperty("content", out var content) && content.ValueKind != JsonValueKind.Null)
        {
            AddContent(content, $"{place}.content", turn);
        }

        if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            turn.ToolCalls.AddRange(calls.EnumerateArray().Select(call => JsonNode.Parse(call.GetRawText())));
        }

        // What tools returned stands in the user's turn in Converse and Anthropic bodies, and in turns of its own here.
        messages.AddRange(turn.ToolResults);
        if (turn.Text.Length > 0 || turn.ToolCalls.Count > 0 || turn.ToolResults.Count == 0)
        {
            messages.Add(new ChatMessage(role == "developer" ? "system" : role, turn.Text)
            {
                ToolCalls = turn.ToolCalls.Count > 0 ? new JsonArray([.. turn.ToolCalls]) : null,
                ToolCallId = message.TryGetProperty("tool_call_id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null,
            });
        }
    }

    private static void AddContent(JsonElement content, string place, Turn turn)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            turn.Add(content.GetString()!);
            return;
        }

        foreach (var (index, part) in Items(content, place))
        {
            AddPart(part, $"{place}[{index}]", turn);
        }
    }

    private static void AddPart(JsonElement part, string place, Turn turn)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            turn.Add(part.GetString()!);
            return;
        }

        if (part.ValueKind != JsonValueKind.Object)
        {
            throw new RejectedRecordException($"{place} is {RecordJson.Describe(part)}, no part of a message");
        }

        // Of a part without a type, the key says what it is.
        var typed = part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String;
        var kind = typed ? type.GetString()! : part.EnumerateObject().Select(member => member.Name).FirstOrDefault() ?? "";
        var value = typed ? part : kind.Length > 0 ? part.GetProperty(kind) : part;
        switch (kind)
        {
            case "text" or "input_text" or "output_text":
                turn.Add(Text(typed ? Member(part, "text", place) : value, place));
                break;
            case "guardContent":
                turn.Add(Text(Member(Member(value, "text", place), "text", place), place));
                break;
            case "tool_use":
                turn.ToolCalls.Add(ToolCall(value, "id", place));
                break;
            case "toolUse":
                turn.ToolCalls.Add(ToolCall(value, "toolUseId", place));
                break;
            case "tool_result":
                turn.ToolResults.Add(ToolResult(value, "tool_use_id", place));
                break;
            case "toolResult":
                turn.ToolResults.Add(ToolResult(value, "toolUseId", place));
                break;
            case "cachePoint" or "thinking" or "redacted_thinking" or "reasoningContent":
                // Marks for the provider, and thoughts of a reply: no part of what the user said.
                break;
            case "image" or "image_url" or "input_image":
                throw new RejectedRecordException($"{place} is an image; training is on text only");
            case "document" or "video" or "audio" or "input_audio" or "file":
                throw new RejectedRecordException($"{place} is {(kind.EndsWith("audio", StringComparison.Ordinal) ? "audio" : $"a {kind}")}; training is on text only");
            default:
                throw new RejectedRecordException($"{place} is of the kind \"{kind}\", which is not known; training is on text only");
        }
    }

    private static JsonObject ToolCall(JsonElement call, string idKey, string place) => new()
    {
        ["id"] = Text(Member(call, idKey, place), place),
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = Text(Member(call, "name", place), place),
            ["arguments"] = call.TryGetProperty("input", out var input) ? input.GetRawText() : "{}",
        },
    };

    private static ChatMessage ToolResult(JsonElement result, string idKey, string place)
    {
        var content = result.TryGetProperty("content", out var given) ? given : default;
        var text = content.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            JsonValueKind.Array => string.Join(BlockSeparator, Items(content, $"{place}.content").Select(part => ResultPart(part.Item, $"{place}.content[{part.Index}]"))),
            _ => TextOf(content, $"{place}.content"),
        };
        return new ChatMessage("tool", text.Length > 0 ? text : "(nothing)") { ToolCallId = Text(Member(result, idKey, place), place) };
    }

    private static string ResultPart(JsonElement part, string place) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("json", out var json) ? json.GetRawText() : TextOfPart(part, place);

    private static string TextOfPart(JsonElement part, string place)
    {
        var turn = new Turn();
        AddPart(part, place, turn);
        return turn.Text;
    }

    private static IEnumerable<(int Index, JsonElement Item)> Items(JsonElement list, string place) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Index() : throw new RejectedRecordException($"{place} must be a list, not {RecordJson.Describe(list)}");

    private static JsonElement Member(JsonElement holder, string key, string place) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(key, out var value) ? value : throw new RejectedRecordException($"{place} has no {key}");

    private static string Text(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new RejectedRecordException($"{place} is {RecordJson.Describe(value)} where text should be");

    private sealed class Turn
    {
        private readonly List<string> _texts = [];

        public string Text => string.Join(BlockSeparator, _texts);

        public List<JsonNode?> ToolCalls { get; } = [];

        public List<ChatMessage> ToolResults { get; } = [];

        public void Add(string text)
        {
            if (text.Length > 0)
            {
                _texts.Add(text);
            }
        }
    }
}
