using System.Text.Json;
using System.Threading.Channels;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RftConsole.Tests.Web.Notifications;

/// <summary>A delivery as it came over the wire.</summary>
internal sealed record Delivery(string Method, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Event => JsonElement.Parse(Body);
}

/// <summary>A receiver on a port of this machine that keeps what it gets.</summary>
internal sealed class WebhookListener : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();

    private WebhookListener(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.First() + "/hook");

    /// <summary>What the next calls are answered with; 204 once it is empty.</summary>
    public Queue<IResult> Answers { get; } = new();

    /// <summary>How many came that nobody has read yet.</summary>
    public int Unread => _deliveries.Reader.Count;

    public static async Task<WebhookListener> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebhookListener listener = new(builder.Build());
        listener._server.MapPost("/hook", listener.HearAsync);
        await listener._server.StartAsync(TestContext.Current.CancellationToken);
        return listener;
    }

    /// <summary>The next delivery, as soon as it has come.</summary>
    public Task<Delivery> NextAsync() => _deliveries.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HearAsync(HttpContext http)
    {
        using StreamReader body = new(http.Request.Body);
        await _deliveries.Writer.WriteAsync(new(http.Request.Method, await body.ReadToEndAsync(), http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString())));
        await (Answers.TryDequeue(out IResult? answer) ? answer : Results.NoContent()).ExecuteAsync(http);
    }
}
