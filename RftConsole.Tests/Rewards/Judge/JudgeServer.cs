using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>An OpenAI-compatible endpoint on a port of this machine.</summary>
internal sealed class JudgeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _underWay;

    private JudgeServer(WebApplication app) => _app = app;

    /// <summary>The address to configure, <c>/v1</c> included.</summary>
    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>Answers a request; the default says that everything is worth 0.5.</summary>
    public Func<JudgeRequest, Task<IResult>> Answer { get; set; } = _ => Task.FromResult(Completion("""{"score": 0.5, "reasoning": "fine"}"""));

    /// <summary>All requests, in the order they came.</summary>
    public List<JudgeRequest> Requests { get; } = [];

    /// <summary>Most requests at a time so far.</summary>
    public int MostUnderWay { get; private set; }

    public static async Task<JudgeServer> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.UseRouting();
        JudgeServer server = new(app);
        app.MapPost("/v1/chat/completions", (Delegate)server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>A chat completion.</summary>
    public static IResult Completion(string content, string finishReason = "stop", JsonNode? logprobs = null) => Results.Content(
        new JsonObject
        {
            ["id"] = "c",
            ["object"] = "chat.completion",
            ["created"] = 0,
            ["model"] = "m",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content }, ["finish_reason"] = finishReason, ["logprobs"] = logprobs }),
        }.ToJsonString(),
        "application/json");

    /// <summary>An error in OpenAI's shape.</summary>
    public static IResult Error(int status, string message, string? retryAfter = null) => new Refusal(status, message, retryAfter);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> HandleAsync(HttpContext http)
    {
        JsonObject body = JsonNode.Parse(await new StreamReader(http.Request.Body).ReadToEndAsync())!.AsObject();
        JudgeRequest request;
        lock (Requests)
        {
            MostUnderWay = Math.Max(MostUnderWay, ++_underWay);
            request = new(Requests.Count, body, http.Request.Headers.Authorization.ToString(), http);
            Requests.Add(request);
        }

        try
        {
            return await Answer(request);
        }
        finally
        {
            lock (Requests)
            {
                _underWay--;
            }
        }
    }

    private sealed class Refusal(int status, string message, string? retryAfter) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/json";
            if (retryAfter is not null)
            {
                http.Response.Headers.RetryAfter = retryAfter;
            }

            await http.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { error = new { message, type = "error" } })));
        }
    }
}

/// <summary>A request that the server got.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Body">The JSON.</param>
/// <param name="Authorization">The header; empty where there was none.</param>
/// <param name="Http">The rest.</param>
internal sealed record JudgeRequest(int Number, JsonObject Body, string Authorization, HttpContext Http)
{
    /// <summary>The conversation's texts.</summary>
    public string[] Texts => [.. Body["messages"]!.AsArray().Select(message => message!["content"]!.GetValue<string>())];
}
