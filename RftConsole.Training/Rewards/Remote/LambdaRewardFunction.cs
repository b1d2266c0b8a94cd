using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Network;

namespace RftConsole.Training.Rewards.Remote;

/// <summary>
/// A reward function behind AWS Lambda's Invoke API, at AWS or at an endpoint that speaks it. What the function does wrong (an exception, a time-out of its own, no memory, a
/// response over the limit) is a failed sample; what keeps a call from the function (throttling, a fault of the service, no connection) is infrastructure.
/// </summary>
public sealed class LambdaRewardFunction : IRewardFunction
{
    /// <summary>The service's limit of a request and of a response (AWS Lambda quotas).</summary>
    private const int MostPayload = 6 << 20;

    /// <summary>Calls at a time; each may start an instance of the function.</summary>
    private const int Concurrency = 4;

    /// <summary>What a first call may take longer, while an instance starts.</summary>
    private static readonly TimeSpan s_coldStart = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly LambdaTarget _target;
    private readonly string _field;
    private readonly RewardOptions _options;
    private readonly RemoteCalls _calls;
    private volatile bool _answered;

    /// <param name="name">The function's name or ARN.</param>
    /// <param name="target">Where it is.</param>
    /// <param name="field">What errors call it, such as <c>rewardFunction</c>.</param>
    /// <param name="network">The gate of its calls.</param>
    /// <param name="options">Batch size, time limits, retries.</param>
    /// <exception cref="UserInputException">Network isolation refuses its host.</exception>
    internal LambdaRewardFunction(string name, LambdaTarget target, string field, OutboundPolicy network, RewardOptions options)
    {
        if (network.Obstacle(HostPort.Of(target.Invocations)) is { } obstacle)
        {
            throw new UserInputException($"{field}.{(target.IsOwn ? "endpoint" : "functionName")}: {obstacle}");
        }

        _http = network.Client(Callers.RemoteFunction);
        (Name, _target, _field, _options) = (name, target, field, options);
        _calls = new($"the function {name}", new(Concurrency, options.BatchTimeout + s_coldStart), options);
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"lambda\n{name}")));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Of the name: what the function does is known to its owner alone, and an endpoint may move.</summary>
    public string ContentHash { get; }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken) =>
        BatchScoring.ScoreAsync(samples, _options, InvokeAsync, cancellationToken, Concurrency);

    /// <summary>Connections are shared by all functions of the job.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>One call, or several where the service would not take so much at once.</summary>
    private async Task<RewardReply> InvokeAsync(IReadOnlyList<RewardSample> batch, CancellationToken cancellationToken)
    {
        byte[] payload = RewardEvent.Serialize(batch);
        RewardReply? reply = payload.Length > MostPayload ? null : await _calls.RunAsync(token => SendAsync(payload, token), cancellationToken);
        if (reply is not null)
        {
            return reply;
        }

        if (batch.Count == 1)
        {
            return new(default, FormattableString.Invariant($"the sample takes {payload.Length / 1048576.0:0.0} MB, and a call holds at most 6 MB"), "");
        }

        RewardReply first = await InvokeAsync([.. batch.Take(batch.Count / 2)], cancellationToken);
        RewardReply second = await InvokeAsync([.. batch.Skip(batch.Count / 2)], cancellationToken);
        string output = first.Output + second.Output;
        string? error = first.Error ?? second.Error
            ?? (first.Value.ValueKind == JsonValueKind.Array && second.Value.ValueKind == JsonValueKind.Array ? null : "the function returned no list for a part of the batch");
        return error is null ? new(JsonSerializer.SerializeToElement(first.Value.EnumerateArray().Concat(second.Value.EnumerateArray())), null, output) : new(default, error, output);
    }

    /// <summary>One try; null where the service finds the request too large.</summary>
    private async Task<RewardReply?> SendAsync(byte[] payload, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, _target.Invocations) { Content = new ByteArrayContent(payload) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-Amz-Invocation-Type", "RequestResponse");
        request.Headers.Add("X-Amz-Log-Type", "Tail");
        var credentials = await _target.Credentials();
        AwsSignature.Sign(request, payload, credentials, _target.Region, "lambda", _options.TimeProvider.GetUtcNow());
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        byte[]? body = await ReadAsync(response, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestEntityTooLarge)
        {
            return null;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw Refused(response, body ?? []);
        }

        _answered = true;
        string output = Log(response);
        if (body is null)
        {
            return new(default, "the function returned more than 6 MB", output);
        }

        if (response.Headers.TryGetValues("X-Amz-Function-Error", out _))
        {
            return new(default, FunctionError(body), output);
        }

        try
        {
            return new(JsonElement.Parse(body), null, output);
        }
        catch (JsonException)
        {
            return new(default, $"the function returned no JSON: {Excerpt(body)}", output);
        }
    }

    /// <summary>The body; null where it is longer than the service lets a function return.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using MemoryStream buffer = new();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] piece = new byte[81920];
        for (int read = await stream.ReadAsync(piece, cancellationToken); read > 0; read = await stream.ReadAsync(piece, cancellationToken))
        {
            buffer.Write(piece, 0, read);
            if (buffer.Length > MostPayload + 4096)
            {
                return null;
            }
        }

        return buffer.ToArray();
    }

    /// <summary>What a status of the service means: try again, or the user's mistake; once the function has answered, whatever comes later is an event that a job can wait for.</summary>
    private Exception Refused(HttpResponseMessage response, byte[] body)
    {
        string type = response.Headers.TryGetValues("X-Amzn-ErrorType", out var types) ? types.First().Split(':')[0] : "";
        string said = $"{(int)response.StatusCode}{(type.Length > 0 ? " " + type : "")}: {Message(body) ?? Excerpt(body)}";
        switch ((int)response.StatusCode)
        {
            case 408 or 409 or 429 or >= 500:
                string? after = response.Headers.TryGetValues("Retry-After", out var values) ? values.First() : null;
                return new TransientCallException($"it answers {said}", RetryAfter.Read(after, _options.TimeProvider));
            case 404:
                return Mistake("functionName", $"there is no function {Name} at {_target.Invocations.GetLeftPart(UriPartial.Authority)}, which answers {said}");
            case 401 or 403:
                return Mistake("credentials", $"the call is refused with {said}");
            default:
                return Mistake("functionName", $"the call of {Name} is refused with {said}");
        }
    }

    private Exception Mistake(string key, string message) => _answered ? new RewardInfrastructureException(message) : new UserInputException($"{_field}.{key}: {message}");

    /// <summary>The function's own error: type, message, and the end of its trace.</summary>
    private static string FunctionError(byte[] body)
    {
        try
        {
            JsonElement error = JsonElement.Parse(body);
            if (error.ValueKind == JsonValueKind.Object)
            {
                string type = error.TryGetProperty("errorType", out JsonElement kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() + ": " : "";
                string message = error.TryGetProperty("errorMessage", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : Excerpt(body);
                string trace = error.TryGetProperty("stackTrace", out JsonElement lines) && lines.ValueKind == JsonValueKind.Array && lines.GetArrayLength() > 0 && lines[lines.GetArrayLength() - 1].ValueKind == JsonValueKind.String
                    ? $" ({lines[lines.GetArrayLength() - 1].GetString()!.Trim().ReplaceLineEndings(" ")})" : "";
                return Shorten(type + message + trace);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Whatever it is, it is what the function ended with.
        }

        return $"the function failed: {Excerpt(body)}";
    }

    private string Log(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("X-Amz-Log-Result", out var values))
        {
            return "";
        }

        byte[] text = new byte[8192];
        string log = Convert.TryFromBase64String(values.First(), text, out int length) ? Encoding.UTF8.GetString(text, 0, length) : "";
        return log.Length <= _options.OutputKept ? log : log[^_options.OutputKept..];
    }

    private static string? Message(byte[] body)
    {
        try
        {
            JsonElement error = JsonElement.Parse(body);
            return error.ValueKind != JsonValueKind.Object ? null
                : new[] { "message", "Message" }.Select(key => error.TryGetProperty(key, out JsonElement text) && text.ValueKind == JsonValueKind.String ? Shorten(text.GetString()!) : null).FirstOrDefault(text => text is not null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Excerpt(byte[] body) => body.Length == 0 ? "(nothing)" : Shorten(Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 1200)).ReplaceLineEndings(" "));

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
