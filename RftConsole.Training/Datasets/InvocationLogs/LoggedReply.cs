using System.Text;
using System.Text.Json;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>Finds the text of a reply in the output body of any provider, whole or as the list of its streamed chunks.</summary>
internal static class LoggedReply
{
    /// <summary>The reply's text; empty where there is none, such as in a mere tool call.</summary>
    public static string Read(JsonElement body)
    {
        var text = new StringBuilder();
        if (body.ValueKind == JsonValueKind.Array)
        {
            foreach (var chunk in body.EnumerateArray())
            {
                AppendChunk(chunk, text);
            }
        }
        else
        {
            AppendWhole(body, text);
        }

        return text.ToString().Trim();
    }

    private static void AppendWhole(JsonElement body, StringBuilder text)
    {
        if (Find(body, "output", "message", "content") is { } converse)
        {
            AppendParts(converse, text);
        }
        else if (First(body, "choices") is { } choice)
        {
            AppendParts(Find(choice, "message", "content") ?? Find(choice, "text") ?? default, text);
        }
        else if (First(body, "results") is { } titan)
        {
            AppendParts(Find(titan, "outputText") ?? default, text);
        }
        else if (First(body, "outputs") is { } mistral)
        {
            AppendParts(Find(mistral, "text") ?? default, text);
        }
        else if (First(body, "generations") is { } cohere)
        {
            AppendParts(Find(cohere, "text") ?? default, text);
        }
        else
        {
            AppendParts(Find(body, "content") ?? Find(body, "completion") ?? Find(body, "generation") ?? Find(body, "outputText") ?? Find(body, "text") ?? default, text);
        }
    }

    private static void AppendChunk(JsonElement chunk, StringBuilder text)
    {
        if (chunk.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        // Some clients log the event around a chunk, and in it the chunk's bytes.
        if (Find(chunk, "chunk") is { ValueKind: JsonValueKind.Object } inner)
        {
            AppendChunk(inner, text);
        }
        else if (Find(chunk, "bytes") is { ValueKind: JsonValueKind.String } bytes && bytes.TryGetBytesFromBase64(out var decoded))
        {
            try
            {
                AppendChunk(JsonElement.Parse(decoded), text);
            }
            catch (JsonException)
            {
                // Not a chunk of text.
            }
        }
        else if ((Find(chunk, "contentBlockDelta", "delta", "text") ?? Find(chunk, "delta", "text")) is { } delta)
        {
            AppendParts(delta, text);
        }
        else if (First(chunk, "choices") is { } choice)
        {
            AppendParts(Find(choice, "delta", "content") ?? Find(choice, "message", "content") ?? Find(choice, "text") ?? default, text);
        }
        else if (First(chunk, "outputs") is { } mistral)
        {
            AppendParts(Find(mistral, "text") ?? default, text);
        }
        else if (Find(chunk, "output", "message", "content") is { } whole)
        {
            AppendParts(whole, text);
        }
        else if (!(Find(chunk, "is_finished") is { ValueKind: JsonValueKind.True }))
        {
            AppendParts(Find(chunk, "completion") ?? Find(chunk, "generation") ?? Find(chunk, "outputText") ?? Find(chunk, "text") ?? default, text);
        }
    }

    /// <summary>A string, or the text parts of a list.</summary>
    private static void AppendParts(JsonElement content, StringBuilder text)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            text.Append(content.GetString());
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            var first = text.Length;
            foreach (var part in content.EnumerateArray())
            {
                if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var value) && value.ValueKind == JsonValueKind.String)
                {
                    text.Append(text.Length > first ? "\n" : "").Append(value.GetString());
                }
            }
        }
    }

    private static JsonElement? Find(JsonElement value, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(key, out value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }
        }

        return value;
    }

    private static JsonElement? First(JsonElement value, string list) =>
        Find(value, list) is { ValueKind: JsonValueKind.Array } items && items.GetArrayLength() > 0 ? items[0] : null;
}
