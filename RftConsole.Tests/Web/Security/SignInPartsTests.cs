using System.Net;
using System.Security.Cryptography.X509Certificates;

using Microsoft.Extensions.Time.Testing;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Components.SignIn;
using RftConsole.Web.Hosting;
using RftConsole.Web.Security.Accounts;

namespace RftConsole.Tests.Web.Security;

/// <summary>What sign-in consists of, piece by piece.</summary>
public sealed class SignInPartsTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeTimeProvider _time = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_set_up_link_works_once_and_for_an_hour()
    {
        SetUpLink link = new(_time);
        string first = Token(link.Create());
        Assert.True(link.TryUse(first));
        Assert.False(link.TryUse(first));

        string second = Token(link.Create());
        Assert.False(link.IsOpen(first));
        _time.Advance(SetUpLink.Lifetime - TimeSpan.FromSeconds(1));
        Assert.True(link.IsOpen(second));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(link.TryUse(second));
        Assert.False(link.IsOpen(null));
    }

    [Theory]
    [InlineData("/jobs?x=1", true)]
    [InlineData("/", true)]
    [InlineData("//elsewhere.example", false)]
    [InlineData("/\\elsewhere.example", false)]
    [InlineData("/\t/elsewhere.example", false)]
    [InlineData("https://elsewhere.example", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("jobs", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Signing_in_leads_to_a_page_of_this_console_only(string? address, bool isLocal) => Assert.Equal(isLocal, AccountPage.IsLocal(address));

    [Theory]
    [InlineData(null, false)]
    [InlineData("http://127.0.0.1:5080", false)]
    [InlineData("https://localhost:5443", false)]
    [InlineData("http://[::1]:5080", false)]
    [InlineData("https://0.0.0.0:5443", true)]
    [InlineData("https://*:5443", true)]
    [InlineData("https://[::]:5443", true)]
    [InlineData("http://127.0.0.1:5080;https://192.0.2.1:5443", true)]
    public void Sign_in_begins_with_the_first_address_that_is_not_this_machine(string? urls, bool required) =>
        Assert.Equal(required, ConsoleOptions.Parse(urls is null ? [] : ["--urls", urls], _ => null).RequiresSignIn);

    [Theory]
    [InlineData("unencrypted", "--urls", "http://0.0.0.0:5080")]
    [InlineData("unencrypted", "--urls", "https://0.0.0.0:5443;http://192.0.2.1:80")]
    [InlineData("names a host", "--urls", "https://console.example:5443")]
    [InlineData("is no address", "--urls", "ftp://127.0.0.1")]
    [InlineData("is no address", "--urls", "https://0.0.0.0:5443/base")]
    [InlineData("is no address or network", "--trusted-proxies", "proxy.example")]
    [InlineData("does not exist", "--certificate", "none.pfx")]
    [InlineData("is none of auto, always, set-up", "--sign-in", "never")]
    [InlineData("is none of text, json", "--log-format", "xml")]
    public void What_would_be_unsafe_or_means_nothing_is_refused_in_one_line(string expected, params string[] arguments)
    {
        string message = Assert.Throws<StartupException>(() => ConsoleOptions.Parse(arguments, _ => null)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Behind_a_trusted_proxy_plain_http_is_accepted_and_sign_in_required()
    {
        ConsoleOptions options = ConsoleOptions.Parse(["--urls", "http://0.0.0.0:5080", "--trusted-proxies", "10.0.0.0/8,192.0.2.1", "--hosts", "console.example"], _ => null);

        Assert.True(options is { RequiresSignIn: true, IsHttpsOnly: true });
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.1/32")], options.TrustedProxies);
        Assert.Equal("https://console.example", MachineNames.PublicAddress(options));
        Assert.Contains("console.example", MachineNames.AllowedHosts(options));
        Assert.DoesNotContain("*", MachineNames.AllowedHosts(options));
    }

    [Fact]
    public void The_consoles_own_certificate_is_kept_for_its_owner_alone_and_renewed_before_it_ends()
    {
        string folder = Path.Combine(_root.Path, "https");
        ConsoleOptions options = new(_root.Path, 0) { Hosts = ["console.example"] };
        using X509Certificate2 first = HttpsCertificate.Load(options, folder, _time);
        using X509Certificate2 again = HttpsCertificate.Load(options, folder, _time);
        _time.Advance(TimeSpan.FromDays(390));
        using X509Certificate2 renewed = HttpsCertificate.Load(options, folder, _time);

        Assert.Equal(HttpsCertificate.Fingerprint(first), HttpsCertificate.Fingerprint(again));
        Assert.NotEqual(HttpsCertificate.Fingerprint(first), HttpsCertificate.Fingerprint(renewed));
        Assert.True(first.HasPrivateKey);
        Assert.True(first.MatchesHostname("console.example") && first.MatchesHostname("127.0.0.1") && !first.MatchesHostname("elsewhere.example"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "self-signed.pfx")));
        }
    }

    [Fact]
    public void A_certificate_file_that_cannot_be_used_is_named()
    {
        string file = _root.Write("broken.pfx", "no certificate");

        StartupException refused = Assert.Throws<StartupException>(() => HttpsCertificate.Load(new(_root.Path, 0) { Certificate = file }, _root.Path, _time));

        Assert.StartsWith($"--certificate {file} cannot be used", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("ada is my name 1234", false)]
    [InlineData("abababababab", false)]
    [InlineData("correct horse battery", true)]
    public async Task A_password_that_can_be_guessed_is_refused(string password, bool good) =>
        Assert.Equal(good, (await new PasswordIsNotName().ValidateAsync(null!, new() { UserName = "ada" }, password)).Succeeded);

    private static string Token(string path) => path[(path.IndexOf('=', StringComparison.Ordinal) + 1)..];
}
