using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>Converts one record of a model invocation log (schema version 1.0) into a training record.</summary>
internal static class InvocationLogRecord
{
    private const string SchemaType = "ModelInvocationLog";

    private static readonly string[] Operations = ["InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream"];

    /// <summary>The training record.</summary>
    /// <param name="log">The log record.</param>
    /// <param name="options">What is taken of it.</param>
    /// <exception cref="RejectedRecordException">It cannot be converted, or the filter leaves it out; the message says why.</exception>
    public static JsonObject Convert(JsonElement log, InvocationLogOptions options)
    {
        RequireRecord(log);
        var metadata = Metadata(log);
        if (options.Filter?.Matches(metadata) == false || !IsOfDays(log, options))
        {
            throw new FilteredRecordException();
        }

        var input = RequireCall(log);
        var conversation = LoggedConversation.Read(Body(input, "input"));
        var record = new JsonObject
        {
            ["messages"] = new JsonArray([.. conversation.Messages.Select(message => message.ToJson())]),
        };
        if (options.UsePromptResponse)
        {
            record["reference_answer"] = conversation.Prefill + Reply(log);
        }

        if (Text(log, "requestId") is { Length: > 0 } id)
        {
            record["id"] = id;
        }

        if (conversation.Tools is not null)
        {
            record["tools"] = conversation.Tools;
        }

        if (metadata.Count > 0)
        {
            record["requestMetadata"] = new JsonObject(metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        return record;
    }

    private static void RequireRecord(JsonElement log)
    {
        if (Text(log, "schemaType") is { } schema && schema != SchemaType)
        {
            throw new RejectedRecordException($"schemaType is \"{schema}\", not {SchemaType}");
        }

        if (Input(log) is null && !log.TryGetProperty("schemaType", out _))
        {
            throw new RejectedRecordException("not a record of a model invocation log: it has neither schemaType nor input");
        }
    }

    private static bool IsOfDays(JsonElement log, InvocationLogOptions options)
    {
        if (options is { From: null, To: null })
        {
            return true;
        }

        if (!DateTimeOffset.TryParse(Text(log, "timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            throw new RejectedRecordException("timestamp is missing or no time, so that its day is not known");
        }

        var day = DateOnly.FromDateTime(time.UtcDateTime);
        return !(day < options.From) && !(day > options.To);
    }

    private static JsonElement RequireCall(JsonElement log)
    {
        if (Text(log, "operation") is { } operation && !Operations.Contains(operation))
        {
            throw new RejectedRecordException($"operation is \"{operation}\"; {string.Join(", ", Operations)} can be converted");
        }

        if (log.TryGetProperty("errorCode", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            throw new RejectedRecordException($"the call failed: errorCode {(error.ValueKind == JsonValueKind.String ? error.GetString() : error.GetRawText())}");
        }

        if (Text(log, "modelId") is { } model && model.Contains("embed", StringComparison.OrdinalIgnoreCase))
        {
            throw new RejectedRecordException($"{model} makes embeddings, not answers");
        }

        return Input(log) ?? throw new RejectedRecordException("input is missing");
    }

    private static JsonElement? Input(JsonElement log) => log.TryGetProperty("input", out var input) && input.ValueKind == JsonValueKind.Object ? input : null;

    private static string Reply(JsonElement log)
    {
        if (!log.TryGetProperty("output", out var output) || output.ValueKind != JsonValueKind.Object)
        {
            throw new RejectedRecordException("output is missing; without it the reply cannot become the reference_answer");
        }

        var reply = LoggedReply.Read(Body(output, "output"));
        return reply.Length > 0 ? reply : throw new RejectedRecordException("the reply has no text, so that it cannot become the reference_answer");
    }

    /// <summary>A body: an object, a list of chunks, or either as text.</summary>
    private static JsonElement Body(JsonElement side, string name)
    {
        if (side.TryGetProperty($"{name}BodyJson", out var body) && body.ValueKind != JsonValueKind.Null)
        {
            return body.ValueKind == JsonValueKind.String ? Parsed(body.GetString()!, name) : body;
        }

        throw new RejectedRecordException(Text(side, $"{name}BodyS3Path") is { } path
            ? $"the {name} body is not in the record but in S3 ({path}); bodies above 100 KB are logged so"
            : $"{name}.{name}BodyJson is missing");
    }

    private static JsonElement Parsed(string text, string name)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            throw new RejectedRecordException($"{name}.{name}BodyJson is text that is not JSON");
        }
    }

    private static Dictionary<string, string> Metadata(JsonElement log)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (log.TryGetProperty("requestMetadata", out var given) && given.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in given.EnumerateObject())
            {
                metadata[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();
            }
        }

        return metadata;
    }

    private static string? Text(JsonElement holder, string key) => holder.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>The filter leaves a record out.</summary>
internal sealed class FilteredRecordException() : Exception("left out by the filter on requestMetadata");
