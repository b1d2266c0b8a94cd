using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Api.Chat;

/// <summary>A call as it was read.</summary>
/// <param name="Model">Who is to answer.</param>
/// <param name="Call">What is asked.</param>
/// <param name="IncludeUsage">Whether a stream ends with its usage.</param>
internal sealed record ChatCall(string Model, InferenceCall Call, bool IncludeUsage);

/// <summary>Reads a call of the chat completions. Keys that mean nothing here are tolerated; those that would change the answer and cannot are refused.</summary>
internal static class ChatCallReader
{
    /// <summary>Of an answer whose caller says nothing of it: small models seldom end by themselves in time.</summary>
    private const int DefaultMaxTokens = 1024;

    private const int MostMessages = 2048;
    private const int MostChoices = 16;
    private const int MostStops = 4;

    private static readonly string[] s_roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <exception cref="ApiException">A parameter is missing or wrong.</exception>
    public static ChatCall Read(JsonPart body)
    {
        string model = body.Get("model").Text(256);
        IReadOnlyList<ChatMessage> messages = Messages(body.Get("messages"));
        RefuseUnsupported(body);
        bool logprobs = body.Find("logprobs")?.Flag() ?? false;
        int? top = (int?)body.Find("top_logprobs")?.Integer(0, 20);
        if (top is not null && !logprobs)
        {
            throw ApiException.Invalid("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
        }

        bool streams = body.Find("stream")?.Flag() ?? false;
        double topP = body.Find("top_p")?.Number(0, 1) ?? 1;
        return new(
            model,
            new(
                messages,
                (int)((body.Find("max_completion_tokens") ?? body.Find("max_tokens"))?.Integer(1, int.MaxValue) ?? DefaultMaxTokens),
                body.Find("temperature")?.Number(0, 2) ?? 1,
                // The smallest share of the distribution is its likeliest token.
                topP > 0 ? topP : 1e-9,
                body.Find("seed")?.Integer() ?? RandomNumberGenerator.GetInt32(int.MaxValue))
            {
                Choices = (int)(body.Find("n")?.Integer(1, MostChoices) ?? 1),
                Stop = Stops(body.Find("stop")),
                LikeliestTokens = logprobs ? top ?? 0 : null,
                Streams = streams,
                Metadata = Metadata(body.Find("metadata")),
            },
            body.Find("stream_options")?.Object().Find("include_usage")?.Flag() ?? false);
    }

    /// <summary>Pairs of texts, as OpenAI limits them.</summary>
    /// <exception cref="ApiException">They are none.</exception>
    public static IReadOnlyDictionary<string, string> Metadata(JsonPart? given)
    {
        Dictionary<string, string> pairs = [];
        foreach ((string name, JsonPart part) in given?.Members() ?? [])
        {
            if (name.Length is 0 or > 64 || pairs.Count == 16)
            {
                throw ApiException.Invalid(given!.Value.Path, $"'{given.Value.Path}' holds at most 16 pairs whose keys have 1 to 64 characters.");
            }

            string value = part.Text();
            pairs[name] = value.Length <= 512 ? value : throw ApiException.Invalid(part.Path, $"'{part.Path}' has {value.Length} characters; at most 512 are allowed.");
        }

        return pairs;
    }

    private static void RefuseUnsupported(JsonPart body)
    {
        if (body.Find("response_format") is { } format && format.Object().Get("type") is var type && type.Text() != "text")
        {
            throw ApiException.Invalid("response_format.type", $"'{ApiException.Shorten(type.Text())}' is not supported; the only format is 'text'.", "unsupported_value");
        }

        foreach (string name in (string[])["presence_penalty", "frequency_penalty"])
        {
            if (body.Find(name) is { } penalty && penalty.Number(-2, 2) != 0)
            {
                throw ApiException.Invalid(name, $"'{name}' is not supported; leave it out, or set it to 0.", "unsupported_parameter");
            }
        }

        if (body.Find("logit_bias") is { } bias && bias.Members().Count > 0)
        {
            throw ApiException.Invalid("logit_bias", "'logit_bias' is not supported; leave it out.", "unsupported_parameter");
        }
    }

    private static IReadOnlyList<string> Stops(JsonPart? given)
    {
        if (given is not { } stop)
        {
            return [];
        }

        if (stop.Value.ValueKind == JsonValueKind.String)
        {
            return [stop.Text(256)];
        }

        IReadOnlyList<JsonPart> items = stop.Value.ValueKind == JsonValueKind.Array ? stop.Items() : throw stop.WrongType("a string or an array of strings");
        return items.Count <= MostStops ? [.. items.Select(item => item.Text(256))] : throw ApiException.Invalid("stop", $"'stop' has {items.Count} entries; at most {MostStops} are allowed.");
    }

    private static IReadOnlyList<ChatMessage> Messages(JsonPart given)
    {
        IReadOnlyList<JsonPart> items = given.Items();
        return items.Count is > 0 and <= MostMessages ? [.. items.Select(Message)] : throw ApiException.Invalid("messages", $"'messages' must have 1 to {MostMessages} entries, not {items.Count}.");
    }

    private static ChatMessage Message(JsonPart given)
    {
        JsonPart role = given.Object().Get("role");
        string name = role.Text();
        if (!s_roles.Contains(name))
        {
            throw ApiException.Invalid(role.Path, $"'{ApiException.Shorten(name)}' is no role; the roles are {string.Join(", ", s_roles)}.", "invalid_value");
        }

        JsonArray? calls = given.Find("tool_calls") is { } tools ? Calls(tools, name) : null;
        string content = given.Find("content") is { } said ? Content(said)
            : name == "assistant" ? ""
            : throw ApiException.Invalid(given.PathOf("content"), $"'{given.PathOf("content")}' is missing.", "missing_required_parameter");
        return new(name switch { "developer" => "system", "function" => "tool", _ => name }, content) { ToolCalls = calls, ToolCallId = given.Find("tool_call_id")?.Text(256) };
    }

    private static JsonArray? Calls(JsonPart tools, string role)
    {
        if (role != "assistant")
        {
            throw ApiException.Invalid(tools.Path, "Only the assistant's turns have tool calls.");
        }

        foreach (JsonPart call in tools.Items())
        {
            call.Object().Get("function").Object().Get("name").Text(256);
        }

        return JsonArray.Create(tools.Value);
    }

    private static string Content(JsonPart said) => said.Value.ValueKind switch
    {
        JsonValueKind.String => said.Text(),
        JsonValueKind.Array => string.Concat(said.Items().Select(part => part.Object().Get("type") is var type && type.Text() is "text" or "refusal"
            ? part.Get(type.Text()).Text()
            : throw ApiException.Invalid(type.Path, $"'{ApiException.Shorten(type.Text())}' parts are not supported; send text.", "unsupported_value"))),
        _ => throw said.WrongType("a string or an array of text parts"),
    };
}
