using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Cli;

/// <summary>The inputs of a command that takes one input by its options, or many by <c>--batch F.jsonl</c>, one object a line.</summary>
internal static class BatchInput
{
    public static Option<string?> Option() => new("--batch") { Description = "JSON lines in place of one input: one object a line in, one object a line out, in order" };

    /// <summary>Runs <paramref name="command"/> for each input and writes its results: one object a line for a batch.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="batch">The batch option.</param>
    /// <param name="json">The option for machine-readable output.</param>
    /// <param name="single">Makes the one input of the other options.</param>
    /// <param name="command">Computes the result of one input.</param>
    /// <param name="text">What a person sees of a result.</param>
    public static async Task<int> RunAsync<T>(ParseResult parsed, Option<string?> batch, Option<bool> json, Func<JsonElement> single, Func<JsonElement, Task<T>> command, Func<T, string> text)
        where T : notnull
    {
        bool many = parsed.GetValue(batch) is not null;
        foreach (var input in many ? Lines(parsed.GetValue(batch)!) : [single()])
        {
            T result = await command(input);
            if (many || parsed.GetValue(json))
            {
                CommandOutput.Json(result);
            }
            else
            {
                Console.WriteLine(text(result));
            }
        }

        return 0;
    }

    /// <summary>The content of a file that an option names.</summary>
    public static string ReadFile(string option, string? path) =>
        path is null ? throw new UserInputException($"{option} or --batch must be given")
        : File.Exists(path) ? File.ReadAllText(path)
        : throw new UserInputException($"{option}: {path} does not exist");

    /// <summary>An object with one member, parsed from a file or made of its text; a file may also hold the object itself.</summary>
    public static JsonElement FromFile(string option, string? path, string member, bool parse)
    {
        string content = ReadFile(option, path);
        if (parse && Parse(content, path!) is { ValueKind: JsonValueKind.Object } whole)
        {
            return whole;
        }

        return JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [member] = parse ? Parse(content, path!) : JsonSerializer.SerializeToElement(content) });
    }

    /// <summary>A member as token ids.</summary>
    public static int[] Ids(JsonElement input, string member)
    {
        if (input.TryGetProperty(member, out var array) && array.ValueKind == JsonValueKind.Array && array.EnumerateArray().All(x => x.ValueKind == JsonValueKind.Number && x.TryGetInt32(out _)))
        {
            return [.. array.EnumerateArray().Select(x => x.GetInt32())];
        }

        throw new UserInputException($"{member}: must be a list of token ids");
    }

    /// <summary>A member as text.</summary>
    public static string Text(JsonElement input, string member) =>
        input.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new UserInputException($"{member}: must be a string");

    /// <summary>The member <c>messages</c>.</summary>
    public static IReadOnlyList<ChatMessage> Messages(JsonElement input)
    {
        if (input.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0 && messages.EnumerateArray().All(x => x.ValueKind == JsonValueKind.Object))
        {
            return [.. messages.EnumerateArray().Select(Message)];
        }

        throw new UserInputException("messages: must be a list of objects with role and content");
    }

    /// <summary>The member <c>tools</c>: OpenAI function tools for the chat template; null where there are none.</summary>
    public static JsonArray? Tools(JsonElement input) =>
        !input.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null ? null
        : tools.ValueKind == JsonValueKind.Array ? JsonArray.Create(tools)
        : throw new UserInputException("tools: must be a list of function tools");

    /// <summary>The member <c>chatTemplateKwargs</c>: further variables for the chat template, such as <c>enable_thinking</c>.</summary>
    public static JsonObject? TemplateVariables(JsonElement input) =>
        !input.TryGetProperty("chatTemplateKwargs", out var variables) || variables.ValueKind == JsonValueKind.Null ? null
        : variables.ValueKind == JsonValueKind.Object ? JsonObject.Create(variables)
        : throw new UserInputException("chatTemplateKwargs: must be an object of the template's variables");

    private static ChatMessage Message(JsonElement message)
    {
        bool calls = message.TryGetProperty("tool_calls", out var toolCalls) && toolCalls.ValueKind == JsonValueKind.Array;
        bool silent = calls && (!message.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null);
        return new(Text(message, "role"), silent ? "" : Text(message, "content"))
        {
            ToolCalls = calls ? JsonArray.Create(toolCalls) : null,
            ToolCallId = message.TryGetProperty("tool_call_id", out _) ? Text(message, "tool_call_id") : null,
        };
    }

    private static IEnumerable<JsonElement> Lines(string path) =>
        ReadFile("--batch", path).Split('\n').Index().Where(x => !string.IsNullOrWhiteSpace(x.Item)).Select(x => Object(x.Item, $"{path}, line {x.Index + 1}"));

    private static JsonElement Object(string json, string name) =>
        Parse(json, name) is { ValueKind: JsonValueKind.Object } input ? input : throw new UserInputException($"{name}: must be an object");

    private static JsonElement Parse(string json, string name)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{name}: not JSON: {e.Message}", e);
        }
    }
}
