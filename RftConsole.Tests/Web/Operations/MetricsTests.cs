using System.Net;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Operations;

namespace RftConsole.Tests.Web.Operations;

/// <summary>What a monitor sees.</summary>
public sealed class MetricsTests : IAsyncDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public MetricsTests() => _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
    {
        host.UseSetting("data", Path.Combine(_root.Path, "data"));
        host.UseSetting("port", "0");
        host.ConfigureTestServices(services => services
            .AddSingleton<IJobEngine>(provider => new MeteredJobEngine(new FakeJobEngine(), provider.GetRequiredService<ConsoleMeter>()))
            .AddSingleton<IChatEngine>(new FakeChatEngine()));
    });

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task Prometheus_reads_jobs_by_status_and_the_steps_that_were_done()
    {
        IJobs jobs = _console.Services.GetRequiredService<IJobs>();
        TaskCompletionSource<JobSummary> ended = new();
        using IDisposable subscription = jobs.Subscribe(null, async () =>
        {
            if ((await jobs.ListAsync())[0] is { Status: JobStatus.Completed } job)
            {
                ended.TrySetResult(job);
            }
        });
        await jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), TestContext.Current.CancellationToken);
        JobSummary job = await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        using HttpResponseMessage response = await _console.CreateClient().GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        string[] lines = text.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("rftconsole_jobs{", StringComparison.Ordinal) && line.Contains("status=\"Completed\"", StringComparison.Ordinal) && line.EndsWith("} 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rftconsole_jobs{", StringComparison.Ordinal) && line.Contains("status=\"Queued\"", StringComparison.Ordinal) && line.EndsWith("} 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rftconsole_job_steps_total", StringComparison.Ordinal) && line.EndsWith($"}} {job.StepsDone}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prometheus_reads_what_was_answered_and_how_soon()
    {
        InferenceCall call = new([new("user", "What is 1 + 1?")], 8, 0, 1, 1);
        await foreach (var _ in _console.Services.GetRequiredService<InferenceHost>().StreamAsync(ServedModels.Base("starter"), call, "someone", TestContext.Current.CancellationToken))
        {
        }

        string[] lines = (await _console.CreateClient().GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n');

        Assert.Contains(lines, line => line.StartsWith("rftconsole_inference_requests_total{", StringComparison.Ordinal) && line.Contains("outcome=\"completed\"", StringComparison.Ordinal) && line.EndsWith("} 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rftconsole_inference_tokens_total{", StringComparison.Ordinal) && line.Contains("kind=\"completion\"", StringComparison.Ordinal) && line.EndsWith("} 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rftconsole_inference_active", StringComparison.Ordinal) && line.EndsWith("} 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rftconsole_inference_first_token_duration_seconds_bucket", StringComparison.Ordinal) && line.Contains("le=\"0.25\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rftconsole_inference_first_token_duration_seconds_count", StringComparison.Ordinal) && line.EndsWith("} 1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, HealthStatus.Unhealthy)]
    [InlineData(DiskCheck.LeastBytes - 1, HealthStatus.Unhealthy)]
    [InlineData(DiskCheck.LeastBytes, HealthStatus.Healthy)]
    public void A_disk_without_room_for_a_checkpoint_is_not_ready(long free, HealthStatus expected) => Assert.Equal(expected, DiskCheck.Judge(free).Status);

    [Fact]
    public async Task A_compute_thread_that_was_ended_is_not_ready()
    {
        RftConsole.Training.Compute.ComputeThread compute = new(1);
        ComputeCheck check = new(compute, TimeProvider.System);
        HealthCheckResult before = await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken);
        await compute.DisposeAsync();

        Assert.Equal(HealthStatus.Healthy, before.Status);
        Assert.Equal(HealthStatus.Unhealthy, (await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken)).Status);
    }
}
