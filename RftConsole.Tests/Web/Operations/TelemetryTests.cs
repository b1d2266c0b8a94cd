using System.Net;
using System.Net.Http.Headers;
using System.Text;

using Microsoft.AspNetCore.Http;

using RftConsole.Tests.Browser;
using RftConsole.Tests.Network;
using RftConsole.Tests.Web.Fakes;

namespace RftConsole.Tests.Web.Operations;

/// <summary>What a console that others can reach tells a monitor, and a collector that its environment names.</summary>
public sealed class TelemetryTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_collector_gets_measurements_traces_and_log_lines_and_a_monitor_reads_them_with_its_token_alone()
    {
        using TemporaryFolder root = new();
        await using LocalServer collector = await LocalServer.StartAsync();
        Dictionary<string, TaskCompletionSource<string>> received = new[] { "/v1/metrics", "/v1/traces", "/v1/logs" }.ToDictionary(path => path, _ => new TaskCompletionSource<string>());
        collector.Answer = http => Receive(http, received);
        await using ConsoleProcess console = await ConsoleProcess.StartPublicWithAsync(
            Path.Combine(root.Path, "data"),
            ("RFTCONSOLE_METRICS_TOKEN", "monitor-token"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100"));

        Assert.Equal(HttpStatusCode.Unauthorized, await MetricsAsync(console, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await MetricsAsync(console, new("Bearer", "monitor-tokem")));
        Assert.Equal(HttpStatusCode.Unauthorized, await MetricsAsync(console, new("Basic", "monitor-token")));
        Assert.Equal(HttpStatusCode.OK, await MetricsAsync(console, new("Bearer", "monitor-token")));

        Assert.Contains("rftconsole.jobs", await received["/v1/metrics"].Task.WaitAsync(s_patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("GET /metrics", await received["/v1/traces"].Task.WaitAsync(s_patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("rftconsole", await received["/v1/logs"].Task.WaitAsync(s_patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("monitor-token", console.Output, StringComparison.Ordinal);
    }

    private static IResult Receive(HttpContext http, Dictionary<string, TaskCompletionSource<string>> received)
    {
        using MemoryStream body = new();
        http.Request.Body.CopyToAsync(body).GetAwaiter().GetResult();
        string text = Encoding.Latin1.GetString(body.ToArray());
        string path = http.Request.Path.Value!;
        // The first batches may come before what is looked for.
        if (path switch { "/v1/metrics" => "rftconsole.jobs", "/v1/traces" => "GET /metrics", _ => "rftconsole" } is { } wanted && text.Contains(wanted, StringComparison.Ordinal))
        {
            received[path].TrySetResult(text);
        }

        return Results.Bytes([], "application/x-protobuf");
    }

    private static async Task<HttpStatusCode> MetricsAsync(ConsoleProcess console, AuthenticationHeaderValue? authorization)
    {
        using HttpClientHandler trusting = new() { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator, AllowAutoRedirect = false };
        using HttpClient client = new(trusting);
        client.DefaultRequestHeaders.Authorization = authorization;
        using HttpResponseMessage response = await client.GetAsync(new Uri(console.Address + "/metrics"), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
