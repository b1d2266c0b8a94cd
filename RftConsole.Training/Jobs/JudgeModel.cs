using System.Text.Json;
using System.Text.Json.Serialization;

namespace RftConsole.Training.Jobs;

/// <summary>
/// Who judges: a model of the console (in job files a text, a registered name or a path), or a model behind an OpenAI-compatible endpoint (an object).
/// Exactly one of <paramref name="Name"/> and <paramref name="BaseUrl"/> is set.
/// </summary>
/// <param name="Name">A registered name, a Hugging Face model folder or a GGUF file.</param>
/// <param name="BaseUrl">Such as <c>https://judge.example/v1</c>; <c>/chat/completions</c> is appended.</param>
/// <param name="Model">The model's name at the endpoint.</param>
/// <param name="ApiKeyEnv">The environment variable, or the console's secret, that holds the key; null where the endpoint wants none.</param>
[JsonConverter(typeof(JudgeModelConverter))]
public sealed record JudgeModel(string? Name, string? BaseUrl = null, string? Model = null, string? ApiKeyEnv = null);

/// <summary>Reads and writes either form.</summary>
internal sealed class JudgeModelConverter : JsonConverter<JudgeModel>
{
    public override JudgeModel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new(reader.GetString());
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("must be a model's name or path, or an object with baseUrl, model and apiKeyEnv");
        }

        Dictionary<string, string> values = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (key is not ("baseUrl" or "model" or "apiKeyEnv"))
            {
                throw new JsonException($"unknown key {key}; the keys are baseUrl, model and apiKeyEnv");
            }

            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                throw new JsonException($"{key} must be a text");
            }

            if (reader.GetString() is { } text && !values.TryAdd(key, text))
            {
                throw new JsonException($"{key} stands twice");
            }
        }

        return values.TryGetValue("baseUrl", out string? url)
            ? new(null, url, values.GetValueOrDefault("model"), values.GetValueOrDefault("apiKeyEnv"))
            : throw new JsonException("lacks baseUrl; a model of this machine is given by its name or path alone, as a text");
    }

    public override void Write(Utf8JsonWriter writer, JudgeModel value, JsonSerializerOptions options)
    {
        if (value.Name is not null)
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("baseUrl", value.BaseUrl);
        if (value.Model is not null)
        {
            writer.WriteString("model", value.Model);
        }

        if (value.ApiKeyEnv is not null)
        {
            writer.WriteString("apiKeyEnv", value.ApiKeyEnv);
        }

        writer.WriteEndObject();
    }
}
