using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>
/// The body of a chat completion's request and answer. Servers differ in two points, and say so in their first refusal: some take <c>max_completion_tokens</c> and not
/// <c>max_tokens</c>, and some models take no <c>temperature</c>.
/// </summary>
/// <param name="model">The model's name at the endpoint.</param>
/// <param name="scoring">With probability, one token is asked for with the likeliest alternatives.</param>
/// <param name="maxTokens">Most tokens of an answer.</param>
internal sealed class EndpointDialect(string model, JudgeScoring scoring, int maxTokens)
{
    private const int Alternatives = 20;

    private volatile bool _newLimit;
    private volatile bool _noTemperature;

    public int MaxTokens { get; } = maxTokens;

    /// <summary>A request, and the dialect it is written in.</summary>
    public sealed record Request(BinaryData Body, bool NewLimit, bool NoTemperature);

    public Request Write(JudgeQuestion question)
    {
        (bool newLimit, bool noTemperature) = (_newLimit, _noTemperature);
        JsonObject body = new()
        {
            ["model"] = model,
            ["messages"] = new JsonArray([.. question.Messages.Select(message => message.ToJson())]),
            [newLimit ? "max_completion_tokens" : "max_tokens"] = scoring == JudgeScoring.Probability ? 1 : MaxTokens,
        };
        if (!noTemperature)
        {
            body["temperature"] = 0;
        }

        if (scoring == JudgeScoring.Probability)
        {
            body["logprobs"] = true;
            body["top_logprobs"] = Alternatives;
        }

        return new(BinaryData.FromString(body.ToJsonString()), newLimit, noTemperature);
    }

    /// <summary>Whether a refusal is one of the two points, so that the request can be written in another way.</summary>
    public bool Adapt(Request refused, string error)
    {
        if (!refused.NewLimit && error.Contains("max_tokens", StringComparison.Ordinal) && error.Contains("max_completion_tokens", StringComparison.Ordinal))
        {
            return _newLimit = true;
        }

        return !refused.NoTemperature && error.Contains("temperature", StringComparison.Ordinal) && (_noTemperature = true);
    }

    /// <summary>The answer; null where the response is no chat completion.</summary>
    public JudgeAnswer? Read(BinaryData response)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(response);
            if (!document.RootElement.TryGetProperty("choices", out JsonElement choices) || choices.GetArrayLength() == 0)
            {
                return null;
            }

            JsonElement choice = choices[0];
            JsonElement message = choice.GetProperty("message");
            bool truncated = choice.TryGetProperty("finish_reason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String && reason.GetString() == "length";
            return new(Text(message), scoring == JudgeScoring.Probability ? YesOverNo(choice) : null, truncated);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The message of an error in OpenAI's shape.</summary>
    public static string? ErrorMessage(BinaryData response)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(response);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out JsonElement error)
                ? error.ValueKind == JsonValueKind.String ? error.GetString()
                    : error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String ? message.GetString()
                    : null
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Text(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content))
        {
            return "";
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => part.TryGetProperty("text", out JsonElement text) ? text.GetString() : "")),
            _ => "",
        };
    }

    /// <summary>P(yes) / (P(yes) + P(no)) among the alternatives of the first token; null where neither is among them.</summary>
    private static double? YesOverNo(JsonElement choice)
    {
        if (!choice.TryGetProperty("logprobs", out JsonElement logprobs) || logprobs.ValueKind != JsonValueKind.Object
            || !logprobs.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array || content.GetArrayLength() == 0)
        {
            return null;
        }

        (double yes, double no) = (0, 0);
        JsonElement first = content[0];
        IEnumerable<JsonElement> alternatives = first.TryGetProperty("top_logprobs", out JsonElement top) && top.ValueKind == JsonValueKind.Array && top.GetArrayLength() > 0 ? top.EnumerateArray() : [first];
        foreach (JsonElement alternative in alternatives)
        {
            double probability = Math.Exp(alternative.GetProperty("logprob").GetDouble());
            switch (alternative.GetProperty("token").GetString()!.Trim().ToLowerInvariant())
            {
                case "yes":
                    yes += probability;
                    break;
                case "no":
                    no += probability;
                    break;
            }
        }

        return yes + no > 0 ? yes / (yes + no) : null;
    }
}
