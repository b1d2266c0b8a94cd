using System.Net;
using System.Net.Http.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Web.Api.Keys;

namespace RftConsole.Tests.Web.Api;

/// <summary>Keys let in whom they should, as long as they should.</summary>
[Collection(ApiConsoleCollection.Name)]
public sealed class ApiKeyTests(ApiConsole console) : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_key_works_until_it_expires_or_is_revoked_and_its_last_use_is_known()
    {
        await using ConsoleHarness harness = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        ApiKeys keys = harness.Create<ApiKeys>(time, (Func<string, string?>)(_ => null));
        NewApiKey lasting = await keys.CreateAsync(new("lasting", ApiScopes.Inference), TestContext.Current.CancellationToken);
        NewApiKey ending = await keys.CreateAsync(new("ending", ApiScopes.All, time.GetUtcNow().AddDays(1)), TestContext.Current.CancellationToken);

        Assert.Equal(ApiScopes.Inference, (await keys.FindCallerAsync(lasting.Secret, TestContext.Current.CancellationToken))?.Scopes);
        Assert.NotNull(await keys.FindCallerAsync(ending.Secret, TestContext.Current.CancellationToken));
        Assert.Equal(time.GetUtcNow(), (await keys.ListAsync(TestContext.Current.CancellationToken)).Single(key => key.Id == lasting.Key.Id).LastUsedAt);

        time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await keys.FindCallerAsync(ending.Secret, TestContext.Current.CancellationToken));
        await keys.RevokeAsync(lasting.Key.Id, TestContext.Current.CancellationToken);
        Assert.Null(await keys.FindCallerAsync(lasting.Secret, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<UserInputException>(() => keys.RevokeAsync(lasting.Key.Id, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_file_of_the_console_holds_a_key()
    {
        string secret;
        await using (ConsoleHarness harness = await ConsoleHarness.StartAsync(_root, new FakeJobEngine()))
        {
            secret = (await harness.Services.GetRequiredService<IApiKeys>().CreateAsync(new("k", ApiScopes.All), TestContext.Current.CancellationToken)).Secret;
            Assert.Equal(4 + 43, secret.Length);
        }

        Assert.All(
            Directory.EnumerateFiles(Path.Combine(_root.Path, "data"), "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)),
            file => Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ApiScopes.Inference, "GET", "fine_tuning/jobs", 403)]
    [InlineData(ApiScopes.Inference, "POST", "files", 403)]
    [InlineData(ApiScopes.FineTuningRead, "GET", "fine_tuning/jobs", 200)]
    [InlineData(ApiScopes.FineTuningRead, "POST", "fine_tuning/jobs", 403)]
    [InlineData(ApiScopes.FineTuningWrite, "POST", "fine_tuning/jobs", 400)]
    [InlineData(ApiScopes.FineTuningWrite, "POST", "chat/completions", 403)]
    [InlineData(ApiScopes.Inference, "GET", "models", 200)]
    public async Task A_key_may_do_what_its_scopes_say_and_no_more(ApiScopes scopes, string method, string path, int expected)
    {
        using HttpClient client = console.Client((await KeyAsync(new("scoped", scopes))).Secret);
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = method == "POST" ? JsonContent.Create(new { }) : null };

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_to_come_again()
    {
        using HttpClient client = console.Client((await KeyAsync(new("eager", ApiScopes.All, RequestsPerMinute: 2))).Secret);
        HttpStatusCode[] seen = new HttpStatusCode[4];
        TimeSpan? rest = null;
        for (int i = 0; i < seen.Length; i++)
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri("models", UriKind.Relative), TestContext.Current.CancellationToken);
            seen[i] = response.StatusCode;
            rest = response.Headers.RetryAfter?.Delta ?? rest;
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], seen);
        Assert.InRange(rest!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    private Task<NewApiKey> KeyAsync(ApiKeyRequest request) => console.Services.GetRequiredService<IApiKeys>().CreateAsync(request, TestContext.Current.CancellationToken);
}
