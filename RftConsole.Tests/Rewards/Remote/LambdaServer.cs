using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RftConsole.Tests.Rewards.Remote;

/// <summary>Speaks AWS Lambda's Invoke API on a port of this machine and refuses what is not signed with its secret, by a check of its own.</summary>
internal sealed class LambdaServer : IAsyncDisposable
{
    public const string KeyId = "AKIDEXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private readonly WebApplication _app;

    private LambdaServer(WebApplication app) => _app = app;

    public string Endpoint => _app.Urls.First();

    /// <summary>The function: from an event to a response; the default scores everything 1.</summary>
    public Func<JsonArray, LambdaAnswer> Function { get; set; } = samples => LambdaAnswer.Scores(samples, _ => 1);

    /// <summary>Answers in the function's place; null leaves it to the function.</summary>
    public Func<int, IResult?> Intercept { get; set; } = _ => null;

    /// <summary>Paths, as they came.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>Samples of each call that reached the function.</summary>
    public List<int> BatchSizes { get; } = [];

    /// <summary>Regions that calls were signed for.</summary>
    public HashSet<string> Regions { get; } = [];

    /// <summary>Secret that signatures are checked with.</summary>
    public string ExpectedSecret { get; set; } = Secret;

    public static async Task<LambdaServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, 0);
            server.Limits.MaxRequestBodySize = 64 << 20;
        });
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.UseRouting();
        LambdaServer server = new(app);
        app.MapPost("/2015-03-31/functions/{name}/invocations", (Delegate)server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>An error of the service.</summary>
    public static IResult Error(int status, string type, string message) => new Answer(status, Encoding.UTF8.GetBytes(new JsonObject { ["Type"] = "User", ["message"] = message }.ToJsonString()), ("X-Amzn-ErrorType", type + ":http://internal/"));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> HandleAsync(HttpContext http)
    {
        using MemoryStream body = new();
        await http.Request.Body.CopyToAsync(body);
        string path = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        int number;
        lock (Paths)
        {
            number = Paths.Count;
            Paths.Add(path);
        }

        if (!IsSigned(http.Request, path, body.ToArray()))
        {
            return Error(403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided.");
        }

        if (Intercept(number) is { } answer)
        {
            return answer;
        }

        if (body.Length > 6 << 20)
        {
            return Error(413, "RequestTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation");
        }

        JsonArray samples = JsonNode.Parse(body.ToArray())!.AsArray();
        lock (Paths)
        {
            BatchSizes.Add(samples.Count);
        }

        LambdaAnswer result = Function(samples);
        List<(string, string)> headers = [("X-Amz-Executed-Version", "$LATEST")];
        if (result.Error is not null)
        {
            headers.Add(("X-Amz-Function-Error", result.Error));
        }

        if (http.Request.Headers["X-Amz-Log-Type"] == "Tail")
        {
            headers.Add(("X-Amz-Log-Result", Convert.ToBase64String(Encoding.UTF8.GetBytes(result.Log))));
        }

        return new Answer(200, Encoding.UTF8.GetBytes(result.Body), [.. headers]);
    }

    /// <summary>Signature Version 4 from the server's side: what the header says was signed is put together from the request itself.</summary>
    private bool IsSigned(HttpRequest request, string path, byte[] body)
    {
        string[] parts = request.Headers.Authorization.ToString().Split([' ', ',', '='], StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["AWS4-HMAC-SHA256", "Credential", var credential, "SignedHeaders", var signed, "Signature", var signature])
        {
            return false;
        }

        string[] scope = credential.Split('/');
        lock (Paths)
        {
            Regions.Add(scope[2]);
        }

        string canonical = string.Join(
            '\n',
            request.Method,
            string.Join('/', path.Split('/').Select(segment => segment.Replace("%", "%25", StringComparison.Ordinal))),
            "",
            string.Concat(signed.Split(';').Select(name => $"{name}:{(name == "host" ? request.Host.Value : request.Headers[name].ToString())}\n")),
            signed,
            Convert.ToHexStringLower(SHA256.HashData(body)));
        string date = request.Headers["X-Amz-Date"].ToString();
        string toSign = $"AWS4-HMAC-SHA256\n{date}\n{string.Join('/', scope[1..])}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + (scope[0] == "local" ? "local" : ExpectedSecret));
        foreach (string part in scope[1..])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return scope[0] is KeyId or "local" && scope[1] == date[..8] && scope[3] == "lambda" && signed.Contains("host", StringComparison.Ordinal)
            && Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) == signature;
    }

    private sealed class Answer(int status, byte[] body, params (string Name, string Value)[] headers) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = status;
            foreach ((string name, string value) in headers)
            {
                http.Response.Headers[name] = value;
            }

            await http.Response.Body.WriteAsync(body);
        }
    }
}

/// <summary>What a function returned, whether it failed, and the end of its log.</summary>
internal sealed record LambdaAnswer(string Body, string? Error = null, string Log = "")
{
    /// <summary>A score for each sample.</summary>
    public static LambdaAnswer Scores(JsonArray samples, Func<string, double> score) =>
        new(new JsonArray([.. samples.Select(sample => new JsonObject { ["id"] = sample!["id"]!.DeepClone(), ["aggregate_reward_score"] = score(sample["messages"]!.AsArray()[^1]!["content"]!.GetValue<string>()) })]).ToJsonString(), Log: $"START\ngraded {samples.Count}\nEND\n");
}
