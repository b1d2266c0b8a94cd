using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Hosting;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;

namespace RftConsole.Tests.Web.Security;

/// <summary>What bounds one client's demands.</summary>
public sealed class ServerLimitTests : IAsyncDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public ServerLimitTests() => _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
    {
        host.UseSetting("data", Path.Combine(_root.Path, "data"));
        host.UseSetting("port", "0");
        host.UseSetting("sign-in", "always");
        host.ConfigureTestServices(services => services.AddSingleton<IJobEngine>(new FakeJobEngine()));
    });

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task Attempts_to_sign_in_are_counted_by_address_and_told_when_to_come_again()
    {
        using HttpClient client = _console.CreateClient();
        List<int> statuses = [];
        string? retry = null;
        for (int i = 0; i <= SecurityServices.AttemptsPerMinute; i++)
        {
            using HttpResponseMessage response = await client.PostAsync(new Uri("/account/sign-in", UriKind.Relative), new FormUrlEncodedContent([]), TestContext.Current.CancellationToken);
            statuses.Add((int)response.StatusCode);
            retry = response.Headers.RetryAfter?.ToString();
        }

        // Without the antiforgery token each is refused; the last one is not even looked at.
        Assert.All(statuses.SkipLast(1), status => Assert.Equal(400, status));
        Assert.Equal(429, statuses[^1]);
        Assert.InRange(int.Parse(retry!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
    }

    [Fact]
    public void A_connection_that_trickles_or_floods_is_bounded()
    {
        _console.UseKestrel(0);
        _console.StartServer();
        KestrelServerLimits limits = _console.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(ServerSetup.MostRequestBytes, limits.MaxRequestBodySize);
        Assert.Equal(TimeSpan.FromSeconds(15), limits.RequestHeadersTimeout);
        Assert.Equal(TimeSpan.FromSeconds(10), limits.MinRequestBodyDataRate!.GracePeriod);
        Assert.NotNull(limits.MaxConcurrentConnections);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/jobs")]
    [InlineData("/users")]
    [InlineData("/audit-log.csv")]
    [InlineData("/metrics")]
    [InlineData("/datasets/x/file")]
    [InlineData("/models/x/adapter.zip")]
    [InlineData("/jobs/x/files/job.json")]
    [InlineData("/_blazor/negotiate")]
    [InlineData("/no-such-page")]
    public async Task A_stranger_is_sent_to_sign_in_or_refused(string path)
    {
        using HttpClient client = _console.CreateClient(new() { AllowAutoRedirect = false });
        using HttpRequestMessage browser = new(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };
        using HttpResponseMessage sent = await client.SendAsync(browser, TestContext.Current.CancellationToken);
        using HttpResponseMessage refused = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Equal(302, (int)sent.StatusCode);
        Assert.StartsWith("/account/sign-in?returnUrl=", sent.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }
}
