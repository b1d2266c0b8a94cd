using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Storage;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>
/// Writes the calls of deployments whose switch is on as records of a model invocation log (schema version 1.0), one a line, a file a day: the traffic of one model is
/// training data of the next. Calls of an encrypted model are encrypted with the same key.
/// </summary>
internal sealed partial class InvocationLog(DataFolder folder, EncryptionKeys keys, ILogger<InvocationLog> log) : IDisposable
{
    /// <summary>No account and no region: the calls never left this machine.</summary>
    private const string LocalAccount = "000000000000";

    private const string DayFormat = "yyyy-MM-dd";
    private const string Extension = ".jsonl";

    private const int MostPairs = 16;
    private const int LongestPair = 256;

    private static readonly JsonSerializerOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Appends a call. A disk that is full costs the record and not the answer.</summary>
    public async Task WriteAsync(string deploymentId, AnswerRecord answer, string caller, DateTimeOffset now)
    {
        string file = Path.Combine(folder.InvocationLogFolder(deploymentId), now.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture) + Extension);
        byte[] line = Encoding.UTF8.GetBytes(Record(answer, caller, now).ToJsonString(s_line) + "\n");
        await _turn.WaitAsync();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (folder.ModelIdOf(answer.Model.AdapterFolder) is { } model && WrappedKey.Read(folder.ModelFolder(model)) is { } wrapped && !VaultFiles.IsEncrypted(file))
            {
                await SealedFolders.CreateAsync(Path.GetDirectoryName(file)!, keys.Store, wrapped.Key, CancellationToken.None);
            }

            Append(file, line);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or KeyUnavailableException)
        {
            LogLost(problem, file);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The day whose calls a file holds, by its name; null for a file of another kind.</summary>
    public static DateOnly? DayOf(string fileName) =>
        Path.GetExtension(fileName) == Extension && DateOnly.TryParseExact(Path.GetFileNameWithoutExtension(fileName), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : null;

    public void Dispose() => _turn.Dispose();

    private static void Append(string file, byte[] line)
    {
        try
        {
            VaultFiles.Append(file, line);
        }
        catch (SealedFileException)
        {
            // The console was killed in the middle of a line.
            VaultFiles.Mend(file);
            VaultFiles.Append(file, line);
        }
    }

    private static JsonObject Record(AnswerRecord answer, string caller, DateTimeOffset now)
    {
        InferenceCall call = answer.Call;
        JsonObject record = new()
        {
            ["schemaType"] = "ModelInvocationLog",
            ["schemaVersion"] = "1.0",
            ["timestamp"] = answer.StartedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["accountId"] = LocalAccount,
            ["identity"] = new JsonObject { ["arn"] = $"arn:aws:iam::{LocalAccount}:user/{caller}" },
            ["region"] = "local",
            ["requestId"] = Guid.NewGuid().ToString(),
            ["operation"] = call.Streams ? "InvokeModelWithResponseStream" : "InvokeModel",
            ["modelId"] = answer.Model.Name,
            ["input"] = new JsonObject
            {
                ["inputContentType"] = "application/json",
                ["inputBodyJson"] = new JsonObject
                {
                    ["messages"] = new JsonArray([.. call.Messages.Select(message => message.ToJson())]),
                    ["max_tokens"] = call.MaxTokens,
                    ["temperature"] = call.Temperature,
                    ["top_p"] = call.TopP,
                },
                ["inputTokenCount"] = answer.PromptTokens,
            },
        };
        if (answer.Complete)
        {
            record["output"] = new JsonObject
            {
                ["outputContentType"] = "application/json",
                ["outputBodyJson"] = new JsonObject { ["choices"] = answer.Choices() },
                ["outputTokenCount"] = answer.CompletionTokens,
            };
        }
        else
        {
            record["errorCode"] = "ModelErrorException";
        }

        record["requestMetadata"] = new JsonObject(call.Metadata
            .Where(pair => pair.Key.Length is > 0 and <= LongestPair && pair.Value.Length <= LongestPair)
            .Take(MostPairs)
            .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        record["latencyMs"] = (long)(now - answer.StartedAt).TotalMilliseconds;
        return record;
    }

    [LoggerMessage(LogLevel.Error, "A call could not be written to {File}")]
    private partial void LogLost(Exception problem, string file);
}
