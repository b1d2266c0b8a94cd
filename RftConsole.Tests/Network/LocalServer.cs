using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RftConsole.Tests.Network;

/// <summary>A web server on a port of this machine that notes what reached it.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Host with port, as a job file names it.</summary>
    public string Place => new Uri(Address).Authority;

    /// <summary>Method, address and Host header of each request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The answer; the default is a text.</summary>
    public Func<HttpContext, IResult> Answer { get; set; } = _ => Results.Text("reached");

    public static async Task<LocalServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        LocalServer server = new(app);
        app.Run(async context =>
        {
            lock (server.Requests)
            {
                server.Requests.Add($"{context.Request.Method} {context.Request.Path} {context.Request.Host}");
            }

            await server.Answer(context).ExecuteAsync(context);
        });
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
