using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

using Polly;
using Polly.Retry;

using RftConsole.Training.Network;

namespace RftConsole.Training.Hub;

/// <summary>
/// Speaks the hub's HTTP protocol. Redirects are followed by hand: the token goes to the endpoint's own host alone, and the commit that the hub
/// names in its first answer is compared.
/// </summary>
/// <remarks>https://huggingface.co/docs/hub/api; <c>resolve</c> answers with <c>X-Repo-Commit</c>, <c>X-Linked-ETag</c> and a redirect to where large files lie.</remarks>
public sealed class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private const int MostDescription = 32 << 20;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(10);

    private readonly HttpClient _http;
    private readonly ResiliencePipeline _retries;

    /// <param name="time">The clock of waits between attempts.</param>
    /// <param name="network">The gate of its calls, each hop of a redirect included; null for one that refuses nothing.</param>
    public HubClient(TimeProvider? time = null, OutboundPolicy? network = null)
    {
        _http = new((network ?? OutboundPolicy.Unrestricted).Handler(Callers.ModelDownload)) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("RftConsole");
        _retries = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<HubUnavailableException>(),
                MaxRetryAttempts = 6,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromMinutes(1),
                DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as HubUnavailableException)?.RetryAfter is { } wait ? wait < s_longestWait ? wait : s_longestWait : (TimeSpan?)null),
            })
            .Build();
    }

    /// <summary>How long a connection may bring nothing before it counts as cut.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What a reference means now.</summary>
    /// <exception cref="UserInputException">There is no such model, or it cannot be had with this token; the message says what to do.</exception>
    public Task<HubModel> DescribeAsync(HubConnection hub, HubReference reference, CancellationToken cancellationToken) => RetryAsync(
        async token =>
        {
            using var response = await SendAsync(hub, new($"{Root(hub)}/api/models/{reference.Id}/revision/{Uri.EscapeDataString(reference.Revision)}?blobs=true"), reference.Id, 0, token);
            try
            {
                await using var stream = await response.Content.ReadAsStreamAsync(token);
                using var limited = new MemoryStream();
                byte[] buffer = new byte[1 << 16];
                int read;
                while ((read = await ReadAsync(stream, buffer, token)) > 0)
                {
                    limited.Write(buffer, 0, read);
                    if (limited.Length > MostDescription)
                    {
                        throw new UserInputException($"{hub.Endpoint.Host} describes {reference.Id} with more than {MostDescription >> 20} MB: this is no answer of a hub.");
                    }
                }

                limited.Position = 0;
                using var document = await JsonDocument.ParseAsync(limited, cancellationToken: token);
                return Read(document.RootElement, reference);
            }
            catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new UserInputException($"{hub.Endpoint} does not answer as the Hugging Face hub does: check the address of the hub or mirror in Settings.", problem);
            }
        },
        cancellationToken);

    /// <summary>Runs an action and runs it again, with growing pauses, while the hub cannot be reached or asks for patience.</summary>
    internal async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken) =>
        await _retries.ExecuteAsync(async token => await action(token), cancellationToken);

    /// <summary>Opens a file from a byte on.</summary>
    internal Task<HttpResponseMessage> OpenAsync(HubConnection hub, HubModel model, HubFile file, long from, CancellationToken cancellationToken) =>
        SendAsync(hub, new($"{Root(hub)}/{model.Id}/resolve/{model.Commit}/{Uri.EscapeDataString(file.Name)}"), model.Id, from, cancellationToken, model.Commit);

    /// <summary>Reads what has arrived; a connection that is silent too long is cut.</summary>
    internal async Task<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        idle.CancelAfter(IdleLimit);
        try
        {
            return await stream.ReadAsync(buffer, idle.Token);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested && problem is IOException or HttpRequestException or OperationCanceledException)
        {
            throw new HubUnavailableException("The connection was cut.", problem);
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Root(HubConnection hub) => hub.Endpoint.ToString().TrimEnd('/');

    private async Task<HttpResponseMessage> SendAsync(HubConnection hub, Uri address, string id, long from, CancellationToken cancellationToken, string? commit = null)
    {
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }

            bool home = Uri.Compare(address, hub.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
            if (home && hub.Token is not null && (address.Scheme == Uri.UriSchemeHttps || address.IsLoopback))
            {
                request.Headers.Authorization = new("Bearer", hub.Token);
            }

            var response = await SendOnceAsync(request, address, cancellationToken);
            if (home && commit is not null && response.Headers.TryGetValues("X-Repo-Commit", out var commits) && commits.First() != commit)
            {
                response.Dispose();
                throw new UserInputException($"{address.Host} gave a file of another commit than {commit}: remove the download and start it again.");
            }

            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            {
                response.Dispose();
                var next = new Uri(address, location);
                if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http"))
                {
                    throw new UserInputException($"{address.Host} redirects to {next.Scheme}://{next.Host}, which is not followed.");
                }

                address = next;
                continue;
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw Failure(response, hub, address, home, id);
            }
        }

        throw new UserInputException($"{hub.Endpoint.Host} redirects more than {MostRedirects} times.");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, Uri address, CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        idle.CancelAfter(IdleLimit);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, idle.Token);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested && problem is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new HubUnavailableException($"{address.Host} cannot be reached ({(problem is OperationCanceledException ? "it does not answer" : problem.Message.ReplaceLineEndings(" "))}): check the network of this machine, or set a mirror in Settings.", problem);
        }
    }

    private static UserInputException Failure(HttpResponseMessage response, HubConnection hub, Uri address, bool home, string id)
    {
        string? code = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : null;
        string host = hub.Endpoint.Host;
        string page = $"{hub.Endpoint.ToString().TrimEnd('/')}/{id}";
        int status = (int)response.StatusCode;
        return (home, status, code) switch
        {
            // A signed address of a large file lives for an hour or so; the next attempt gets a new one.
            (false, 401 or 403 or 404, _) => new HubUnavailableException($"{address.Host} refused a file of {id} ({status})."),
            (_, 416, _) => new HubUnavailableException($"{address.Host} has fewer bytes of a file than were received already."),
            (_, 401 or 403, "GatedRepo") or (_, 403, _) => new UserInputException(hub.Token is null
                ? $"{id} is gated: accept its licence at {page}, then set HF_TOKEN or enter a token in Settings."
                : $"{id} is gated, and this token may not read it: accept its licence at {page} with the account of the token."),
            (_, 401, _) => new UserInputException(hub.Token is null
                ? $"{host} knows no public model {id}: check the id; for a private model set HF_TOKEN or enter a token in Settings."
                : $"{host} does not accept the token, or it may not read {id}: make a new one at {host}/settings/tokens and enter it in Settings."),
            (_, 404, "RevisionNotFound") => new UserInputException($"{id} has no such revision at {host}: check the branch, tag or commit."),
            (_, 404, _) => new UserInputException($"{host} knows no model {id}, or a file of it is missing there: check the id."),
            (_, 429, _) => new HubUnavailableException($"{host} asks for patience (429, too many requests): resume later.", null, Wait(response)),
            (_, 408 or >= 500, _) => new HubUnavailableException($"{address.Host} has a fault ({status}): resume later.", null, Wait(response)),
            _ => new UserInputException($"{address.Host} answered {status.ToString(CultureInfo.InvariantCulture)} for {id}."),
        };
    }

    private static TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - (response.Headers.Date ?? DateTimeOffset.UtcNow) is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    private static HubModel Read(JsonElement root, HubReference reference)
    {
        var files = new List<HubFile>();
        foreach (var sibling in root.GetProperty("siblings").EnumerateArray())
        {
            string name = sibling.GetProperty("rfilename").GetString() ?? "";
            // Files in folders are other forms of the model; a name is never more than a name.
            if (name.Length == 0 || name.StartsWith('.') || name.Any(x => x is '/' or '\\' || char.IsControl(x)) || !sibling.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number)
            {
                continue;
            }

            string? sha256 = sibling.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object ? Text(lfs, "sha256") ?? Text(lfs, "oid") : null;
            files.Add(new(name, size.GetInt64(), sha256, sha256 is null ? Text(sibling, "blobId") : null));
        }

        string commit = Text(root, "sha") ?? throw new FormatException("no commit");
        if (commit.Length is < 7 or > 64 || !commit.All(char.IsAsciiHexDigit))
        {
            throw new FormatException("no commit");
        }

        return new(reference.Id, commit, Licence(root), Text(root, "config", "model_type") ?? Text(root, "gguf", "architecture"), files);
    }

    private static string? Licence(JsonElement root)
    {
        string? licence = Text(root, "cardData", "license");
        return licence is "other" ? Text(root, "cardData", "license_name") ?? licence : licence;
    }

    private static string? Text(JsonElement parent, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out parent))
            {
                return null;
            }
        }

        return parent.ValueKind == JsonValueKind.String ? parent.GetString() : null;
    }
}
