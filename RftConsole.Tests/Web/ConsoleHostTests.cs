using System.IO.Compression;
using System.Net;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web;

/// <summary>The whole host with its middleware and endpoints, over a fake trainer.</summary>
public sealed class ConsoleHostTests : IAsyncLifetime
{
    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public ConsoleHostTests() => _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
    {
        host.UseSetting("data", Path.Combine(_root.Path, "data"));
        host.UseSetting("port", "0");
        host.ConfigureTestServices(services => services
            .AddSingleton<IJobEngine>(new FakeJobEngine())
            .AddSingleton<IChatEngine>(new FakeChatEngine()));
    });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task The_console_says_that_it_lives_and_is_ready(string address)
    {
        using HttpResponseMessage response = await GetAsync(address);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Every_response_carries_one_content_security_policy()
    {
        using HttpResponseMessage missing = await GetAsync("/no-such-file.png");
        using HttpResponseMessage page = await GetAsync("/settings");
        using HttpResponseMessage style = await GetAsync("/_content/MudBlazor/MudBlazor.min.css");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (page.StatusCode, style.StatusCode));
        Assert.All([missing, page, style], response => Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
    }

    [Fact]
    public async Task An_address_without_a_page_is_not_found_and_shows_a_page()
    {
        using HttpResponseMessage response = await GetAsync("/no-such-page");

        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_request_under_another_hosts_name_is_refused()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/health/live");
        request.Headers.Host = "rebound.example";

        using HttpResponseMessage response = await _console.CreateClient().SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_adapter_downloads_as_a_zip_in_peft_form()
    {
        JobSummary job = await TrainAsync();

        using HttpResponseMessage response = await GetAsync($"/models/{job.ModelId}/adapter.zip");

        Assert.Equal(("application/zip", "arith-tuned-adapter.zip"), (response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentDisposition?.FileName));
        await using ZipArchive archive = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], archive.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        using StreamReader weights = new(await archive.GetEntry("adapter_model.safetensors")!.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal("weights of step 6", await weights.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_jobs_listed_files_download_and_nothing_else_does()
    {
        JobSummary job = await TrainAsync();
        string folder = (await _console.Services.GetRequiredService<IJobs>().FindAsync(job.Id, TestContext.Current.CancellationToken))!.Folder;
        File.WriteAllText(Path.Combine(folder, "metrics.jsonl"), "{\"step\":1}\n");
        File.WriteAllText(Path.Combine(folder, "secret.txt"), "secret");

        using HttpResponseMessage metrics = await GetAsync($"/jobs/{job.Id}/files/metrics.jsonl");
        Assert.Equal("{\"step\":1}\n", await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("arith-metrics.jsonl", metrics.Content.Headers.ContentDisposition?.FileName);
        foreach (string path in (string[])["secret.txt", "rollouts.jsonl", "..%2F..%2Fconsole.db", "%2Fetc%2Fpasswd", "inputs%2Ftraining%2Ftrain.jsonl"])
        {
            using HttpResponseMessage response = await GetAsync($"/jobs/{job.Id}/files/{path}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        using HttpResponseMessage elsewhere = await GetAsync("/jobs/..%2Fjobs%2F" + job.Id + "/files/metrics.jsonl");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    private Task<HttpResponseMessage> GetAsync(string address) => _console.CreateClient().GetAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);

    private async Task<JobSummary> TrainAsync()
    {
        IJobs jobs = _console.Services.GetRequiredService<IJobs>();
        TaskCompletionSource<JobSummary> completed = new();
        using IDisposable subscription = jobs.Subscribe(null, async () =>
        {
            JobSummary job = (await jobs.ListAsync())[0];
            if (job.Status == JobStatus.Completed)
            {
                completed.TrySetResult(job);
            }
        });
        await jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        return await completed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
