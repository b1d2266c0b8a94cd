using System.Net;
using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RftConsole.Tests.Hub;

/// <summary>
/// Speaks the hub's protocol on two ports of this machine: descriptions and small files on the first, and a redirect to the second, a host of its own
/// to every client, for the weights.
/// </summary>
internal sealed class LocalHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _hub;
    private readonly WebApplication _storage;

    private LocalHub(WebApplication hub, WebApplication storage) => (_hub, _storage) = (hub, storage);

    public Uri Endpoint => new(_hub.Urls.First());

    /// <summary>Files of <c>tiny/model</c>.</summary>
    public Dictionary<string, byte[]> Files { get; } = Directory.GetFiles(Goldens.ModelOf("tiny-llama-tied")).ToDictionary(file => Path.GetFileName(file)!, File.ReadAllBytes);

    /// <summary>Checksums that are wrong on purpose.</summary>
    public Dictionary<string, string> WrongSha256 { get; } = [];

    /// <summary>Answers before anything else; null leaves it to the hub.</summary>
    public Func<HttpContext, IResult?> Intercept { get; set; } = _ => null;

    /// <summary>Replaces how the storage sends a file; false leaves it to the storage.</summary>
    public Func<HttpContext, byte[], Task<bool>> Send { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Method, path, range and authorisation of every request, the storage's beginning with <c>storage</c>.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<LocalHub> StartAsync()
    {
        LocalHub local = new(Build(), Build());
        local._hub.MapGet("/api/models/tiny/model/revision/{revision}", (HttpContext http) => local.Hear("hub", http) ?? Results.Json(local.Describe()));
        local._hub.MapGet("/tiny/model/resolve/{commit}/{name}", (HttpContext http, string commit, string name) =>
        {
            if (local.Hear("hub", http) is { } answer)
            {
                return answer;
            }

            http.Response.Headers["X-Repo-Commit"] = commit;
            return !local.Files.TryGetValue(name, out byte[]? content) ? Results.NotFound()
                : IsLarge(name) ? Results.Redirect($"{local._storage.Urls.First()}/blobs/{name}?signature=1")
                : Results.Bytes(content, enableRangeProcessing: true);
        });
        local._hub.MapFallback((HttpContext http) => local.Hear("hub", http) ?? Results.StatusCode(401));
        local._storage.MapGet("/blobs/{name}", async (HttpContext http, string name) =>
        {
            local.Hear("storage", http);
            if (!await local.Send(http, local.Files[name]))
            {
                await Results.Bytes(local.Files[name], enableRangeProcessing: true).ExecuteAsync(http);
            }
        });
        await local._hub.StartAsync();
        await local._storage.StartAsync();
        return local;
    }

    /// <summary>Sends so many bytes of the rest that was asked for, and cuts the connection.</summary>
    public static async Task CutAsync(HttpContext http, byte[] content, int bytes)
    {
        int from = (int)(http.Request.GetTypedHeaders().Range?.Ranges.First().From ?? 0);
        http.Response.StatusCode = from > 0 ? 206 : 200;
        if (from > 0)
        {
            http.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        http.Response.ContentLength = content.Length - from;
        await http.Response.Body.WriteAsync(content.AsMemory(from, Math.Min(bytes, content.Length - from)));
        await http.Response.Body.FlushAsync();
        http.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private static bool IsLarge(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".gguf", StringComparison.Ordinal);

    private static WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.UseRouting();
        return app;
    }

    private IResult? Hear(string who, HttpContext http)
    {
        lock (Requests)
        {
            Requests.Add($"{who} {http.Request.Path} {http.Request.Headers.Range} {http.Request.Headers.Authorization}".TrimEnd());
        }

        return who == "hub" ? Intercept(http) : null;
    }

    private object Describe() => new
    {
        id = "tiny/model",
        sha = Commit,
        cardData = new { license = "mit" },
        config = new { model_type = "llama" },
        siblings = Files.Select(file => new
        {
            rfilename = file.Key,
            size = file.Value.Length,
            blobId = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {file.Value.Length}\0"), .. file.Value])),
            lfs = IsLarge(file.Key) ? new { sha256 = WrongSha256.GetValueOrDefault(file.Key) ?? Convert.ToHexStringLower(SHA256.HashData(file.Value)), size = file.Value.Length } : null,
        }),
    };
}
