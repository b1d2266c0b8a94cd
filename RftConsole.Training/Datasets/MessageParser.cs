using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets;

/// <summary>Reads the <c>messages</c> and <c>tools</c> of a training record by the rules of the format.</summary>
internal static class MessageParser
{
    private static readonly string[] Roles = ["system", "user", "assistant", "tool", "developer"];
    private static readonly string[] Keys = ["role", "content", "tool_calls", "tool_call_id"];

    /// <summary>The prompt, and whether a trailing assistant turn was left out of it.</summary>
    /// <exception cref="RejectedRecordException">Names the message and what is wrong with it.</exception>
    public static (List<ChatMessage> Prompt, bool AnswerDropped) ReadPrompt(JsonElement record)
    {
        if (!record.TryGetProperty("messages", out var list))
        {
            throw new RejectedRecordException("messages is missing");
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw new RejectedRecordException($"messages must be a non-empty list, not {(list.ValueKind == JsonValueKind.Array ? "an empty one" : RecordJson.Describe(list))}");
        }

        var messages = list.EnumerateArray().Select(ReadMessage).ToList();
        if (!messages.Exists(message => message.Role == "user"))
        {
            throw new RejectedRecordException("messages has no user turn");
        }

        var answerDropped = messages[^1].Role == "assistant";
        if (!answerDropped && messages[^1].Role != "user")
        {
            throw new RejectedRecordException($"the last message is a {messages[^1].Role} turn; it must be the user's turn (or the assistant's, which is then left out)");
        }

        if (answerDropped)
        {
            messages.RemoveAt(messages.Count - 1);
            if (messages[^1].Role == "assistant")
            {
                throw new RejectedRecordException("messages ends with two assistant turns; the prompt must end with the user's turn");
            }
        }

        return (messages, answerDropped);
    }

    /// <summary>The function tools of a record, or null.</summary>
    /// <exception cref="RejectedRecordException">Names the tool and what is wrong with it.</exception>
    public static JsonArray? ReadTools(JsonElement tools)
    {
        if (tools.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (tools.ValueKind != JsonValueKind.Array)
        {
            throw new RejectedRecordException($"tools must be a list, not {RecordJson.Describe(tools)}");
        }

        var index = 0;
        foreach (var tool in tools.EnumerateArray())
        {
            var place = $"tools[{index++}]";
            ExpectObject(tool, place);
            if (TextMember(tool, "type", place) != "function")
            {
                throw new RejectedRecordException($"{place}.type must be \"function\"");
            }

            ExpectFunction(tool, place);
        }

        return index == 0 ? null : JsonArray.Create(tools);
    }

    private static ChatMessage ReadMessage(JsonElement message, int index)
    {
        var place = $"messages[{index}]";
        ExpectObject(message, place);
        foreach (var member in message.EnumerateObject())
        {
            if (!Keys.Contains(member.Name))
            {
                throw new RejectedRecordException($"{place} has the key \"{member.Name}\"; allowed are {string.Join(", ", Keys)}");
            }
        }

        var role = ReadRole(message, place, index);
        var toolCalls = ReadToolCalls(message, place, role);
        return new ChatMessage(role, ReadContent(message, place, toolCalls is not null))
        {
            ToolCalls = toolCalls,
            ToolCallId = ReadToolCallId(message, place, role),
        };
    }

    private static string ReadRole(JsonElement message, string place, int index)
    {
        var role = TextMember(message, "role", place);
        if (!Roles.Contains(role))
        {
            throw new RejectedRecordException($"{place}.role is \"{role}\"; allowed are {string.Join(", ", Roles)}");
        }

        if (role is "system" or "developer" && index > 0)
        {
            throw new RejectedRecordException($"{place}.role is \"{role}\", which only the first message may be");
        }

        return role == "developer" ? "system" : role;
    }

    private static string ReadContent(JsonElement message, string place, bool hasToolCalls)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null)
        {
            return hasToolCalls ? "" : throw new RejectedRecordException($"{place}.content is missing; it may be null only beside tool_calls");
        }

        var text = content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select((part, index) => ReadPart(part, $"{place}.content[{index}]"))),
            _ => throw new RejectedRecordException($"{place}.content must be a string or a list of text parts, not {RecordJson.Describe(content)}"),
        };
        return text.Length > 0 ? text : throw new RejectedRecordException($"{place}.content is empty");
    }

    private static string ReadPart(JsonElement part, string place)
    {
        ExpectObject(part, place);
        var type = TextMember(part, "type", place);
        if (type != "text")
        {
            throw new RejectedRecordException($"{place}.type is \"{type}\"; only text parts are supported");
        }

        foreach (var member in part.EnumerateObject())
        {
            if (member.Name is not ("type" or "text"))
            {
                throw new RejectedRecordException($"{place} has the key \"{member.Name}\"; a text part has type and text");
            }
        }

        return part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new RejectedRecordException($"{place}.text must be a string");
    }

    private static JsonArray? ReadToolCalls(JsonElement message, string place, string role)
    {
        if (!message.TryGetProperty("tool_calls", out var calls) || calls.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (role != "assistant")
        {
            throw new RejectedRecordException($"{place}.tool_calls stands in a {role} turn; only the assistant calls tools");
        }

        if (calls.ValueKind != JsonValueKind.Array || calls.GetArrayLength() == 0)
        {
            throw new RejectedRecordException($"{place}.tool_calls must be a non-empty list");
        }

        var index = 0;
        foreach (var call in calls.EnumerateArray())
        {
            var callPlace = $"{place}.tool_calls[{index++}]";
            ExpectObject(call, callPlace);
            ExpectFunction(call, callPlace);
        }

        return JsonArray.Create(calls);
    }

    private static string? ReadToolCallId(JsonElement message, string place, string role)
    {
        if (!message.TryGetProperty("tool_call_id", out var id) || id.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return role == "tool"
            ? TextMember(message, "tool_call_id", place)
            : throw new RejectedRecordException($"{place}.tool_call_id stands in a {role} turn; only a tool turn answers a call");
    }

    private static void ExpectFunction(JsonElement holder, string place)
    {
        if (!holder.TryGetProperty("function", out var function))
        {
            throw new RejectedRecordException($"{place}.function is missing");
        }

        ExpectObject(function, $"{place}.function");
        TextMember(function, "name", $"{place}.function");
    }

    private static void ExpectObject(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new RejectedRecordException($"{place} must be an object, not {RecordJson.Describe(value)}");
        }
    }

    private static string TextMember(JsonElement holder, string key, string place)
    {
        if (!holder.TryGetProperty(key, out var value))
        {
            throw new RejectedRecordException($"{place}.{key} is missing");
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw new RejectedRecordException($"{place}.{key} must be a non-empty string, not {RecordJson.Describe(value)}");
    }
}
