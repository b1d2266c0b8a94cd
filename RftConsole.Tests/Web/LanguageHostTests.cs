using System.Net;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web;

/// <summary>Which language a request gets: the cookie's, else the browser's, else English; and none but English outside of pages.</summary>
public sealed class LanguageHostTests : IAsyncLifetime
{
    private const string Chinese = ".AspNetCore.Culture=c%3Dzh-Hans%7Cuic%3Dzh-Hans";
    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public LanguageHostTests() => _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
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
    [InlineData(null, null, "en")]
    [InlineData("de-DE,de;q=0.9", null, "en")]
    [InlineData("en-GB,en;q=0.9", null, "en")]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", null, "zh-Hans")]
    [InlineData("zh", null, "zh-Hans")]
    [InlineData("fr;q=0.9,zh-SG;q=0.8", null, "zh-Hans")]
    [InlineData("en-US", Chinese, "zh-Hans")]
    [InlineData("zh-CN", ".AspNetCore.Culture=c%3Den%7Cuic%3Den", "en")]
    [InlineData("zh-CN", ".AspNetCore.Culture=c%3Dxx%7Cuic%3Dxx", "zh-Hans")]
    public async Task A_page_says_which_language_it_has(string? accepted, string? cookie, string language)
    {
        using HttpResponseMessage page = await GetAsync("/", accepted, cookie);

        Assert.Contains($"<html lang=\"{language}\"", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/jobs?tag=a", "/jobs?tag=a")]
    [InlineData("//elsewhere.example/", "/")]
    [InlineData("https://elsewhere.example/", "/")]
    public async Task A_choice_is_kept_for_a_year_and_leads_back_to_a_page_of_this_console(string from, string to)
    {
        using HttpResponseMessage chosen = await GetAsync("/language/zh-Hans?returnUrl=" + Uri.EscapeDataString(from));

        Assert.Equal((HttpStatusCode.Redirect, to), (chosen.StatusCode, chosen.Headers.Location?.OriginalString));
        string cookie = Assert.Single(chosen.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith(Chinese + "; max-age=31536000; path=/; samesite=lax; httponly", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_language_that_is_not_offered_cannot_be_chosen()
    {
        using HttpResponseMessage chosen = await GetAsync("/language/de");

        Assert.Equal(HttpStatusCode.NotFound, chosen.StatusCode);
        Assert.DoesNotContain(chosen.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies) ? cookies : [], cookie => cookie.StartsWith(".AspNetCore.Culture", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health/ready")]
    public async Task What_programs_read_is_the_same_in_every_language(string address)
    {
        using HttpResponseMessage english = await GetAsync(address);
        using HttpResponseMessage chinese = await GetAsync(address, "zh-CN", Chinese);

        CancellationToken cancelled = TestContext.Current.CancellationToken;
        Assert.Equal((english.StatusCode, await english.Content.ReadAsStringAsync(cancelled)), (chinese.StatusCode, await chinese.Content.ReadAsStringAsync(cancelled)));
    }

    private async Task<HttpResponseMessage> GetAsync(string address, string? accepted = null, string? cookie = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Language", accepted);
        }

        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await _console.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false }).SendAsync(request, TestContext.Current.CancellationToken);
    }
}
