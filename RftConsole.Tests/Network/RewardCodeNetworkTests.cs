using Microsoft.AspNetCore.Http;

using RftConsole.Tests.Rewards;
using RftConsole.Training;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Packages;
using RftConsole.Training.Rewards.Sandbox;

namespace RftConsole.Tests.Network;

/// <summary>What Python code in the real sandbox reaches in each mode.</summary>
public sealed class RewardCodeNetworkTests : TwoServersTests
{
    private const string Before = """
        import os, socket, urllib.request, urllib.error
        def fetch(url, **headers):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as response:
                    return "%d %s" % (response.status, response.read().decode())
            except urllib.error.HTTPError as error:
                return "%d %s" % (error.code, error.read().decode().strip())
            except OSError as error:
                return type(error).__name__ + " " + str(getattr(error, "reason", error))
        def attempt(action):
            try:
                return "done %r" % (action(),)
            except OSError as error:
                return "refused"
        def proxy(text):
            with socket.create_connection(("127.0.0.1", 3128), 5) as s:
                s.sendall(text)
                s.settimeout(5)
                received = b""
                while True:
                    part = s.recv(4096)
                    if not part:
                        return received.decode()
                    received += part
        """;

    [Theory]
    [InlineData(NetworkMode.Off)]
    [InlineData(NetworkMode.None)]
    public async Task Without_named_hosts_reward_code_has_no_network_and_no_proxy(NetworkMode mode)
    {
        using OutboundPolicy policy = new(new() { Mode = mode });
        string output = await RunAsync(policy, $"print(fetch('{Allowed.Address}'), '|', os.environ.get('HTTP_PROXY'), '|', attempt(lambda: socket.create_connection(('127.0.0.1', 3128), 2)), '|', os.listdir('/'))");
        Assert.Contains("| None | refused |", output, StringComparison.Ordinal);
        Assert.DoesNotContain("way-out", output, StringComparison.Ordinal);
        Assert.DoesNotContain("etc", output, StringComparison.Ordinal);
        Assert.Empty(Allowed.Requests);
    }

    [Fact]
    public async Task A_named_host_is_reached_through_the_proxy_and_others_answer_403_and_are_recorded()
    {
        using OutboundPolicy policy = Policy();
        string output = await RunAsync(policy, $"print(fetch('{Allowed.Address}/a?b=1', Connection='keep-alive'))\nprint(fetch('{Other.Address}/'))");

        Assert.Equal($"200 reached\n403 Network isolation refuses {Other.Place}, which is not among its hosts; add \"{Other.Place}\" to them.\n", output);
        Assert.Equal([$"GET /a {Allowed.Place}"], Allowed.Requests);
        Assert.Empty(Other.Requests);
        Assert.Equal([(Other.Place, Callers.RewardCode, 1)], policy.TakeRefused().Select(call => (call.Host, call.Caller, call.Count)));
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_refused()
    {
        Allowed.Answer = _ => Results.Redirect(Other.Address + "/elsewhere");
        using OutboundPolicy policy = Policy();
        Assert.StartsWith("403 Network isolation refuses", await RunAsync(policy, $"print(fetch('{Allowed.Address}'))"), StringComparison.Ordinal);
        Assert.Empty(Other.Requests);
    }

    [Fact]
    public async Task A_tunnel_leads_to_a_named_host_and_to_no_other()
    {
        using OutboundPolicy policy = Policy();
        string get = $"GET /tunnel HTTP/1.1\\r\\nHost: {Allowed.Place}\\r\\nConnection: close\\r\\n\\r\\n";
        string output = await RunAsync(policy, $"print(proxy(b'CONNECT {Allowed.Place} HTTP/1.1\\r\\n\\r\\n{get}'))\nprint(proxy(b'CONNECT {Other.Place} HTTP/1.1\\r\\n\\r\\n'))");
        Assert.StartsWith("HTTP/1.1 200 Connection established", output, StringComparison.Ordinal);
        Assert.Contains("reached", output, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 403 Forbidden", output, StringComparison.Ordinal);
        Assert.Equal([$"GET /tunnel {Allowed.Place}"], Allowed.Requests);
        Assert.Empty(Other.Requests);
    }

    [Theory]
    [InlineData("GET http://{0}/ HTTP/1.1\\r\\nHost: {1}\\r\\n\\r\\n")] // another Host header than the address
    [InlineData("GET http://{1}@{0}/ HTTP/1.1\\r\\n\\r\\n")]
    [InlineData("GET / HTTP/1.1\\r\\nHost: {0}\\r\\n\\r\\n")]
    [InlineData("CONNECT localhost:{2} HTTP/1.1\\r\\n\\r\\n")]
    [InlineData("CONNECT {1} HTTP/1.1\\r\\nHost: {0}\\r\\n\\r\\n")]
    [InlineData("GET ftp://{0}/ HTTP/1.1\\r\\n\\r\\n")]
    [InlineData("nonsense\\r\\n\\r\\n")]
    public async Task No_way_of_asking_leads_elsewhere(string request)
    {
        using OutboundPolicy policy = Policy();
        string text = string.Format(System.Globalization.CultureInfo.InvariantCulture, request, Allowed.Place, Other.Place, new Uri(Other.Address).Port);
        await RunAsync(policy, $"print(proxy(b'{text}'))");
        Assert.Empty(Other.Requests);
        Assert.All(Allowed.Requests, seen => Assert.EndsWith(Allowed.Place, seen, StringComparison.Ordinal));
    }

    [Fact]
    public async Task There_is_no_route_beside_the_proxy_no_names_and_no_second_hand_over()
    {
        using OutboundPolicy policy = Policy();
        int port = new Uri(Allowed.Address).Port;
        string output = await RunAsync(policy, $"print(attempt(lambda: socket.create_connection(('127.0.0.1', {port}), 2)), attempt(lambda: socket.getaddrinfo('judge.example', 443)), attempt(lambda: socket.socket(socket.AF_UNIX).connect('/way-out')))");
        Assert.Equal("refused refused refused\n", output);
    }

    [Fact]
    public async Task A_long_head_is_cut_off_and_the_next_call_still_works()
    {
        using OutboundPolicy policy = Policy();
        string output = await RunAsync(policy, $"print(attempt(lambda: proxy(b'GET http://{Allowed.Place}/ HTTP/1.1\\r\\nX: ' + b'x' * 100000))[:40])\nprint(fetch('{Allowed.Address}'))");
        Assert.EndsWith("200 reached\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_are_a_call_too()
    {
        string folder = Directory.CreateTempSubdirectory("packages-").FullName;
        string file = Path.Combine(folder, "requirements.txt");
        // The index is in the file: tests run side by side in one process.
        await File.WriteAllTextAsync(file, $"tinygrade==1.0\n--index-url {Other.Address}/simple\n", Token);
        using OutboundPolicy policy = Policy();

        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() =>
            PackageInstaller.InstallAsync(file, "rewardFunction.requirements", new PackageCache(Path.Combine(folder, "cache")), SandboxTools.Candidates()[0], policy, Token));

        Assert.StartsWith($"rewardFunction.requirements 'requirements.txt' cannot be installed: network isolation refuses {Other.Place}", error.Message, StringComparison.Ordinal);
        Assert.Empty(Other.Requests);
        Assert.Equal([(Other.Place, Callers.Packages)], policy.TakeRefused().Select(call => (call.Host, call.Caller)));
        Directory.Delete(folder, recursive: true);
    }

    private OutboundPolicy Policy() => new(new() { Mode = NetworkMode.Hosts, Hosts = [Allowed.Place] });

    /// <summary>Runs a piece of Python in the sandbox, and returns what it printed.</summary>
    private static async Task<string> RunAsync(OutboundPolicy policy, string code)
    {
        await using PythonRewardFunction function = await PythonRewardFunction.StartAsync("reward.py", Grading.Handler(code, Before), Grading.Options with { Retries = 0, SampleTimeout = TimeSpan.FromSeconds(20), BatchTimeout = TimeSpan.FromSeconds(20) }, Token, null, policy);
        RewardResult result = Assert.Single(await function.ScoreAsync(Grading.Samples(1), Token));
        Assert.Null(result.Error);
        return result.Output;
    }
}
