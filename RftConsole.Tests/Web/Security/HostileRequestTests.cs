using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Security;

/// <summary>
/// Every endpoint outside the API meets every hostile request, over real connections: none answers 5xx, none shows what is inside, and where sign-in is required none lets anybody in.
/// The endpoints are those that the console maps, so that a new one is met too.
/// </summary>
public sealed partial class HostileRequestTests : IDisposable
{
    private const string Secret = "a-secret-in-a-file-of-the-data-folder";

    /// <summary>What anybody may read.</summary>
    private static readonly string[] s_open = ["/app.css", "/health/live", "/health/ready", "/account/sign-in", "/account/second-factor", "/account/set-up", "/account/password"];

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("auto", 3000)]
    [InlineData("always", 3000)]
    public async Task No_hostile_request_breaks_the_console_or_gets_out_what_is_inside(string signIn, int atLeast)
    {
        await using WebApplicationFactory<ConsoleOptions> console = Console(signIn);
        console.UseKestrel(0);
        console.StartServer();
        Uri address = console.CreateClient().BaseAddress!;
        File.WriteAllText(Path.Combine(_root.Path, "data", "secret.txt"), Secret);
        RawHttp http = new(address.Host, address.Port);
        List<string> problems = [];
        int sent = 0;
        foreach (string path in Paths(console.Services.GetRequiredService<EndpointDataSource>()))
        {
            foreach ((string name, byte[] request) in HostileRequests.Against(path))
            {
                RawHttp.Answer answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                sent++;
                if (Problem(answer, path, signIn == "always") is { } problem)
                {
                    problems.Add($"{path}, {name}: {problem}");
                }
            }
        }

        using HttpResponseMessage alive = await console.CreateClient().GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{sent} requests, {problems.Count} problems");
        Assert.True(alive.IsSuccessStatusCode);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(30)));
        Assert.InRange(sent, atLeast, int.MaxValue);
    }

    private string? Problem(RawHttp.Answer answer, string path, bool signInRequired) =>
        // 505 is the right answer to what speaks another version of HTTP, or none.
        answer.Status >= 500 && answer.Status != 505 ? $"status {answer.Status}: {answer.Body[..Math.Min(answer.Body.Length, 200)]}"
        : Inside().IsMatch(answer.Body) || answer.Body.Contains(_root.Path, StringComparison.Ordinal) || answer.Body.Contains(Secret, StringComparison.Ordinal) ? "it shows what is inside"
        : answer.Body.Contains(HostileRequests.Script, StringComparison.Ordinal) ? "it gives a script back"
        : Elsewhere().IsMatch(answer.Head) ? $"it leads elsewhere: {answer.Head}"
        : signInRequired && answer.Status is >= 200 and < 300 && !s_open.Contains(path) && !answer.Body.Contains("<h1>Sign in</h1>", StringComparison.Ordinal) ? $"it lets a stranger in: {answer.Status}"
        : null;

    private static IEnumerable<string> Paths(EndpointDataSource source) => source.Endpoints.OfType<RouteEndpoint>()
        .Select(endpoint => "/" + Parameter().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "abc"))
        .Where(path => !path.StartsWith("/v1", StringComparison.Ordinal) && !path.StartsWith("/openai", StringComparison.Ordinal) && !path.StartsWith("/openapi", StringComparison.Ordinal))
        // Files of the build are one handler with one behaviour; a style sheet stands for them.
        .Where(path => path == "/app.css" || !Asset().IsMatch(path))
        .Distinct();

    private WebApplicationFactory<ConsoleOptions> Console(string signIn) => new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
    {
        host.UseSetting("data", Path.Combine(_root.Path, "data"));
        host.UseSetting("port", "0");
        host.UseSetting("sign-in", signIn);
        // As a user runs it: the developers' error page is meant to show what is inside.
        host.UseEnvironment("Production");
        host.ConfigureTestServices(services => services.AddSingleton<IJobEngine>(new FakeJobEngine()).AddSingleton<IChatEngine>(new FakeChatEngine()));
    });

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\.(css|js|svg|map|gz|br|json|woff2?|png|ico)$|^/_content/|^/_framework/|^/assets/")]
    private static partial Regex Asset();

    /// <summary>A stack trace, a file system path, a private key, a connection string.</summary>
    [GeneratedRegex(@"\n\s+at [A-Z]\w+\.|System\.\w+Exception|root:x:0:0|SQLite format 3|Data Source=")]
    private static partial Regex Inside();

    [GeneratedRegex(@"\r\nLocation: (https?:)?//(?!127\.0\.0\.1)|elsewhere\.example", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();
}
