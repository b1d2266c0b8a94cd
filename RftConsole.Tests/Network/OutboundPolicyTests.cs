using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Hub;
using RftConsole.Training.Jobs;
using RftConsole.Training;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Network;

/// <summary>Each kind of call that this process makes for a job, in each mode, against servers of this machine.</summary>
public sealed class OutboundPolicyTests : TwoServersTests
{
    [Theory]
    [InlineData(NetworkMode.Off, true, true)]
    [InlineData(NetworkMode.None, false, false)]
    [InlineData(NetworkMode.Hosts, true, false)]
    public async Task A_request_goes_where_the_mode_lets_it(NetworkMode mode, bool allowed, bool other)
    {
        using OutboundPolicy policy = Policy(mode);
        Assert.Equal(allowed, await ReachesAsync(policy, Allowed));
        Assert.Equal(other, await ReachesAsync(policy, Other));
        string[] refused = [.. new[] { (Allowed, allowed), (Other, other) }.Where(x => !x.Item2).Select(x => x.Item1.Place)];
        Assert.Equal(refused, policy.TakeRefused().Select(call => call.Host));
    }

    [Fact]
    public async Task The_port_counts_and_so_does_the_difference_between_a_name_and_its_address()
    {
        using OutboundPolicy policy = Policy(NetworkMode.Hosts);
        int port = new Uri(Allowed.Address).Port;
        await Assert.ThrowsAsync<NetworkRefusedException>(() => policy.Client("test").GetAsync(new Uri($"http://localhost:{port}/"), Token));
        Assert.Empty(Allowed.Requests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_to_a_place_that_nobody_named()
    {
        using OutboundPolicy policy = Policy(NetworkMode.Hosts);
        Allowed.Answer = _ => Results.Redirect(Other.Address + "/elsewhere");
        using var hub = new HubClient(network: policy);

        await Assert.ThrowsAsync<NetworkRefusedException>(() => hub.DescribeAsync(new(new(Allowed.Address), null), HubReference.Parse("owner/name"), Token));

        Assert.Empty(Other.Requests);
        Assert.Equal([(Other.Place, Callers.ModelDownload)], policy.TakeRefused().Select(call => (call.Host, call.Caller)));
    }

    [Theory]
    [InlineData(NetworkMode.None)]
    [InlineData(NetworkMode.Hosts)]
    public async Task S3_is_refused_like_everything_else(NetworkMode mode)
    {
        using OutboundPolicy policy = Policy(mode);
        using S3Store store = new(new() { Endpoint = Other.Address, PathStyle = true, AccessKeyId = "a", SecretAccessKey = "b" }, policy);

        UserInputException error = await Assert.ThrowsAnyAsync<UserInputException>(() => store.FindAsync(S3Address.Parse("s3://bucket/key", "x"), Token));

        Assert.Contains(Other.Place, error.Message, StringComparison.Ordinal);
        Assert.Empty(Other.Requests);
        Assert.Contains((Other.Place, Callers.S3), policy.TakeRefused().Select(call => (call.Host, call.Caller)));
    }

    [Fact]
    public async Task S3_goes_to_a_host_that_is_named()
    {
        using OutboundPolicy policy = Policy(NetworkMode.Hosts);
        using S3Store store = new(new() { Endpoint = Allowed.Address, PathStyle = true, AccessKeyId = "a", SecretAccessKey = "b" }, policy);
        Allowed.Answer = _ => Results.Text("""<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated></ListBucketResult>""", "application/xml");

        Assert.Empty(await store.FindAsync(S3Address.Parse("s3://bucket/key", "x"), Token));

        Assert.NotEmpty(Allowed.Requests);
        Assert.Equal(Allowed.Place, store.PlaceOf(S3Address.Parse("s3://bucket/key", "x")).ToString());
    }

    [Fact]
    public void Keys_that_only_a_call_could_fetch_are_not_looked_for()
    {
        using OutboundPolicy policy = Policy(NetworkMode.Hosts);
        UserInputException error = Assert.Throws<UserInputException>(() => new S3Store(new() { Endpoint = Allowed.Address }, policy));
        Assert.Contains("keys that are at hand alone", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1")]
    public async Task An_allowed_name_is_no_way_to_services_of_this_machine(string address)
    {
        using OutboundPolicy policy = new(new() { Mode = NetworkMode.Hosts, Hosts = ["judge.example:80"] }) { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.1"), IPAddress.Parse(address)]) };
        NetworkRefusedException error = await Assert.ThrowsAsync<NetworkRefusedException>(() => policy.Client("test").GetAsync(new Uri("http://judge.example/"), Token));
        Assert.Contains($"the name stands for {IPAddress.Parse(address)}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_connection_is_made_to_the_answer_that_was_looked_at()
    {
        int port = new Uri(Allowed.Address).Port;
        int asked = 0;
        using OutboundPolicy policy = new(new() { Mode = NetworkMode.Hosts, Hosts = [$"localhost:{port}"] }) { Resolve = (_, _) => Task.FromResult<IPAddress[]>(asked++ == 0 ? [IPAddress.Loopback] : [IPAddress.Parse("192.0.2.1")]) };
        Assert.Equal("reached", await policy.Client("test").GetStringAsync(new Uri($"http://localhost:{port}/"), Token));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Equal_refusals_are_counted_and_invented_hosts_do_not_fill_the_list()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        using OutboundPolicy policy = new(new() { Mode = NetworkMode.None }, time);
        for (int i = 0; i < 3; i++)
        {
            Assert.Throws<NetworkRefusedException>(() => policy.Require(HostPort.Of("one.example", 443), "judge"));
        }

        Assert.Equal([new RefusedCall("one.example:443", "judge", time.GetUtcNow(), 3)], policy.TakeRefused());
        Assert.Empty(policy.TakeRefused());
        for (int i = 0; i < 1000; i++)
        {
            await Assert.ThrowsAsync<NetworkRefusedException>(() => policy.ConnectAsync(HostPort.Of($"h{i}.example", 443), "reward code", Token));
        }

        IReadOnlyList<RefusedCall> calls = policy.TakeRefused();
        Assert.Equal(200, calls.Count);
        Assert.Equal(1000, calls.Sum(call => call.Count));
    }

    [Theory]
    [InlineData("none", "rewardFunction.judgeModel.baseUrl: network isolation (mode none) refuses judge.example:443; allow it with mode hosts, or set the mode to off")]
    [InlineData("hosts", "rewardFunction.judgeModel.baseUrl: network isolation refuses judge.example:443, which is not among its hosts; add \"judge.example:443\" to them")]
    public void A_job_that_needs_what_its_mode_refuses_is_told_so_at_once(string mode, string expected)
    {
        using OutboundPolicy policy = Policy(mode == "none" ? NetworkMode.None : NetworkMode.Hosts);
        JobSpecification job = Jobs.SmallJob.Specification with { RewardFunction = new() { Type = "modelAsJudge", JudgeModel = new(null, "https://judge.example/v1", "m"), Instructions = "Grade." } };
        Assert.Equal(expected, Assert.Throws<UserInputException>(() => NetworkNeeds.Check(job, policy)).Message);
        RewardFunctionSpecification weighted = new() { Type = "weighted", Parts = [new() { Weight = 1, RewardFunction = new() { Template = "math-reasoning" } }, new() { Weight = 1, RewardFunction = job.RewardFunction }] };
        Assert.StartsWith("rewardFunction.parts[1].rewardFunction.judgeModel.baseUrl: ", Assert.Throws<UserInputException>(() => NetworkNeeds.Check(job with { RewardFunction = weighted }, policy)).Message, StringComparison.Ordinal);
        NetworkNeeds.Check(job, OutboundPolicy.Unrestricted);
    }

    [Theory]
    [InlineData("lambda", "rewardFunction.endpoint")]
    [InlineData("modelAsJudge", "rewardFunction.judgeModel.baseUrl")]
    public async Task Judge_and_remote_function_are_made_from_the_gate(string type, string field)
    {
        using OutboundPolicy policy = Policy(NetworkMode.Hosts);
        RewardFunctionSpecification reward = type == "lambda"
            ? new() { Type = type, Endpoint = Other.Address, FunctionName = "f" }
            : new() { Type = type, JudgeModel = new(null, Other.Address + "/v1", "m"), Instructions = "Grade." };

        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => RewardFunctions.CreateAsync(reward, ".", new RewardServices { Network = policy }, new RewardOptions { Retries = 0 }, Token));

        Assert.StartsWith($"{field}: network isolation refuses {Other.Place}", error.Message, StringComparison.Ordinal);
        Assert.Empty(Other.Requests);
    }

    private OutboundPolicy Policy(NetworkMode mode) => new(new() { Mode = mode, Hosts = mode == NetworkMode.Hosts ? [Allowed.Place] : [] });

    private static async Task<bool> ReachesAsync(OutboundPolicy policy, LocalServer server)
    {
        try
        {
            using HttpResponseMessage response = await policy.Client("test").GetAsync(new Uri(server.Address), Token);
            return await response.Content.ReadAsStringAsync(Token) == "reached";
        }
        catch (NetworkRefusedException)
        {
            return false;
        }
    }
}
