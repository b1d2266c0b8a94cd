using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

using Microsoft.Playwright;

using RftConsole.Tests.Web.Fakes;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.AccountSteps;

namespace RftConsole.Tests.Browser;

/// <summary>A console that others can reach, from its first start on: set up, invited, signed in, refused, shut out.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class SignInFlowTests(ChromiumFixture chromium) : IAsyncLifetime
{
    private const string ViewerPassword = "plain old viewer words";

    private readonly TemporaryFolder _root = new();
    private ConsoleProcess _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleProcess.StartPublicAsync(Path.Combine(_root.Path, "data"));

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task Whoever_reads_the_first_starts_output_becomes_administrator_and_decides_who_else_may_what()
    {
        await using ObservedPage administrator = await chromium.OpenAsync(_console.Address);
        string setUp = await SetUpAsync(_console, administrator.Page);

        // The link works once.
        await using ObservedPage late = await chromium.OpenAsync(_console.Address);
        await late.Page.GotoAsync(setUp);
        await Expect(late.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("was used or has expired");

        string invitation = await InviteAsync(administrator.Page, "vera", "Viewer");
        await using ObservedPage viewer = await chromium.OpenAsync(_console.Address);
        await viewer.Page.GotoAsync(invitation);
        await ChoosePasswordAsync(viewer.Page, ViewerPassword, "Save and sign in");
        await Expect(viewer.Page.GetByRole(AriaRole.Heading, new() { Name = "Custom models" })).ToBeVisibleAsync();
        await Expect(viewer.Page.GetByText("You are signed in as a viewer")).ToBeVisibleAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToHaveCountAsync(0);

        // On a phone the way to the account, and out of it, stays within the bar.
        await viewer.Page.SetViewportSizeAsync(390, 844);
        LocatorBoundingBoxResult account = (await viewer.Page.GetByTitle("Account and sign out").BoundingBoxAsync())!;
        Assert.InRange(account.X + account.Width, 0, 390);
        await viewer.Page.SetViewportSizeAsync(1280, 900);

        // What is not shown is not allowed either.
        foreach (string page in (string[])["/settings", "/jobs/create"])
        {
            await viewer.Page.GotoAsync(page);
            await Expect(viewer.Page.GetByRole(AriaRole.Heading, new() { Name = "Not allowed" })).ToBeVisibleAsync();
        }

        Assert.Equal(403, await viewer.Page.EvaluateAsync<int>("async () => (await fetch('/datasets/uploads?name=a.jsonl&size=3', { method: 'POST' })).status"));

        // A page that stays open ends with its account.
        await viewer.GoAsync("/");
        await administrator.GoAsync("/users");
        await administrator.Page.GetByRole(AriaRole.Button, new() { Name = "Actions for vera" }).ClickAsync();
        await administrator.Page.GetByText("Disable", new() { Exact = true }).ClickAsync();
        await Expect(administrator.Page.GetByText("Disabled")).ToBeVisibleAsync();
        await Expect(viewer.Page).ToHaveURLAsync(SignInAddress, new() { Timeout = 60_000 });
        await SignInAsync(viewer.Page, "vera", ViewerPassword);
        // Named by its text: until the styles are there, the notice of a broken page is an alert too.
        await Expect(viewer.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Name or password is wrong" })).ToBeVisibleAsync();

        await administrator.GoAsync("/audit-log");
        foreach (string action in (string[])["user.set-up", "user.invite", "user.choose-password", "user.set-disabled"])
        {
            await Expect(administrator.Page.GetByText(action, new() { Exact = true }).First).ToBeVisibleAsync();
        }

        string log = await administrator.Page.InnerTextAsync("main");
        Assert.DoesNotContain(AdministratorPassword, log, StringComparison.Ordinal);
        Assert.DoesNotContain(new Uri(invitation).Query.Split("token=")[1], log + _console.Output, StringComparison.Ordinal);
        administrator.ExpectNoErrors();
        administrator.ExpectNoOtherHost();
    }

    [Fact]
    public async Task A_second_factor_and_signing_out_everywhere()
    {
        await using ObservedPage first = await chromium.OpenAsync(_console.Address);
        await SetUpAsync(_console, first.Page);
        await first.Page.GotoAsync("/account/authenticator");
        string key = (await first.Page.Locator("main code").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await first.Page.GetByLabel("Code").FillAsync(OneTimeCode(key));
        await first.Page.GetByRole(AriaRole.Button, new() { Name = "Turn on the second factor" }).ClickAsync();
        await Expect(first.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("The second factor is on");
        string recovery = await first.Page.Locator(".recovery-codes code").First.InnerTextAsync();

        await using ObservedPage second = await chromium.OpenAsync(_console.Address);
        await second.Page.GotoAsync("/jobs");
        await Expect(second.Page).ToHaveURLAsync(SignInAddress);
        await SignInAsync(second.Page, "ada", AdministratorPassword);
        await Expect(second.Page.GetByRole(AriaRole.Heading, new() { Name = "Second factor" })).ToBeVisibleAsync();
        // The password alone opens nothing.
        await second.Page.GotoAsync("/jobs");
        await Expect(second.Page).ToHaveURLAsync(SignInAddress);
        await SignInAsync(second.Page, "ada", AdministratorPassword);
        await second.Page.GetByLabel("Code").FillAsync(recovery);
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(second.Page.GetByRole(AriaRole.Heading, new() { Name = "Jobs", Exact = true })).ToBeVisibleAsync();

        await first.Page.GotoAsync("/account");
        await first.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await Expect(first.Page).ToHaveURLAsync(SignInAddress);
        await Expect(second.Page).ToHaveURLAsync(SignInAddress, new() { Timeout = 60_000 });
        IReadOnlyList<BrowserContextCookiesResult> cookies = await second.Page.Context.CookiesAsync();
        Assert.All(cookies, cookie => Assert.True(cookie is { Secure: true, HttpOnly: true }, cookie.Name));
    }

    private static Regex SignInAddress { get; } = SignInPattern();

    /// <summary>RFC 6238 with its defaults: SHA-1, 30 seconds, six digits.</summary>
    private static string OneTimeCode(string base32)
    {
        string bits = string.Concat(base32.ToUpperInvariant().Select(character => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] key = [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
        byte[] counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What authenticators compute.
        byte[] hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        int code = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (code % 1_000_000).ToString("000000", System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("/account/sign-in")]
    private static partial Regex SignInPattern();
}
