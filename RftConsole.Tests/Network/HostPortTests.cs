using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;

namespace RftConsole.Tests.Network;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("judge.example:443", "judge.example:443")]
    [InlineData("JUDGE.Example.:443", "judge.example:443")]
    [InlineData("bücher.example:8080", "xn--bcher-kva.example:8080")]
    [InlineData("127.0.0.1:9000", "127.0.0.1:9000")]
    [InlineData("[2001:DB8:0:0::1]:8080", "[2001:db8::1]:8080")]
    public void A_place_has_one_spelling(string text, string expected)
    {
        Assert.True(HostPort.TryParse(text, out HostPort place, out _));
        Assert.Equal(expected, place.ToString());
    }

    [Theory]
    [InlineData("judge.example", "lacks its port")]
    [InlineData("judge.example:", "lacks its port")]
    [InlineData("judge.example:0", "lacks its port")]
    [InlineData("judge.example:65536", "lacks its port")]
    [InlineData("judge.example:+443", "lacks its port")]
    [InlineData("https://judge.example:443", "is an address")]
    [InlineData("judge.example:443/v1", "is an address")]
    [InlineData("*.example:443", "wildcard")]
    [InlineData("2001:db8::1:8080", "is no host")]
    [InlineData("[fe80::1%eth0]:80", "is no host")]
    [InlineData("user@judge.example:443", "is no host")]
    [InlineData("judge example:443", "is no host")]
    [InlineData("", "is empty")]
    public void What_is_no_place_is_refused_with_the_way_to_write_one(string text, string reason)
    {
        Assert.False(HostPort.TryParse(text, out _, out string? problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://judge.example/", "judge.example:80")]
    [InlineData("https://JUDGE.example./x", "judge.example:443")]
    [InlineData("http://127.1/", "127.0.0.1:80")]
    [InlineData("http://0x7f000001/", "127.0.0.1:80")]
    [InlineData("http://2130706433/", "127.0.0.1:80")]
    [InlineData("http://[::ffff:127.0.0.1]/", "[::ffff:127.0.0.1]:80")]
    [InlineData("http://judge.example@evil.example/", "evil.example:80")]
    public void An_address_goes_where_its_host_says_however_it_is_spelt(string address, string expected) => Assert.Equal(expected, HostPort.Of(new Uri(address)).ToString());

    [Theory]
    [InlineData("""{"mode":"hosts","hosts":["judge.example"]}""", "networkIsolation.hosts[0]: \"judge.example\" lacks its port")]
    [InlineData("""{"mode":"hosts"}""", "networkIsolation.hosts: is empty")]
    [InlineData("""{"mode":"none","hosts":["judge.example:443"]}""", "networkIsolation.hosts: stands beside mode none")]
    public void An_isolation_that_cannot_be_kept_names_its_field(string json, string reason)
    {
        NetworkIsolation isolation = System.Text.Json.JsonSerializer.Deserialize<NetworkIsolation>(json, JobSpecificationFile.Options)!;
        UserInputException error = Assert.Throws<UserInputException>(() => new OutboundPolicy(isolation));
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
    }
}
