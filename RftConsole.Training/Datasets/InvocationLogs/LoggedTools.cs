using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>Reads the tools of a request: Converse and Nova (<c>toolConfig</c>), Anthropic (<c>input_schema</c>), OpenAI.</summary>
internal static class LoggedTools
{
    /// <summary>OpenAI function tools, or null where there are none.</summary>
    public static JsonArray? Read(JsonElement body)
    {
        var tools = body.TryGetProperty("toolConfig", out var configuration) && configuration.ValueKind == JsonValueKind.Object && configuration.TryGetProperty("tools", out var inside) ? inside
            : body.TryGetProperty("tools", out var outside) ? outside
            : default;
        return tools.ValueKind == JsonValueKind.Array && new JsonArray([.. tools.EnumerateArray().Select(Tool).OfType<JsonNode>()]) is { Count: > 0 } read ? read : null;
    }

    private static JsonNode? Tool(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (tool.TryGetProperty("function", out _))
        {
            return JsonObject.Create(tool)!.DeepClone();
        }

        var given = tool.TryGetProperty("toolSpec", out var specification) ? specification : tool;
        if (given.ValueKind != JsonValueKind.Object || !given.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            // A mark such as cachePoint.
            return null;
        }

        var function = new JsonObject { ["name"] = name.GetString() };
        if (given.TryGetProperty("description", out var description) && description.ValueKind == JsonValueKind.String)
        {
            function["description"] = description.GetString();
        }

        if (given.TryGetProperty("inputSchema", out var schema) && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("json", out var json))
        {
            function["parameters"] = JsonNode.Parse(json.GetRawText());
        }
        else if (given.TryGetProperty("input_schema", out var anthropic))
        {
            function["parameters"] = JsonNode.Parse(anthropic.GetRawText());
        }

        return new JsonObject { ["type"] = "function", ["function"] = function };
    }
}
