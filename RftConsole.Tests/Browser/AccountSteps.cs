using System.Text.RegularExpressions;

using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>How people get into a console that others can reach.</summary>
internal static partial class AccountSteps
{
    public const string AdministratorPassword = "correct horse battery";

    /// <summary>Makes "ada" the first administrator by the link that the first start prints; returns that link.</summary>
    public static async Task<string> SetUpAsync(ConsoleProcess console, IPage page)
    {
        Assert.True(await console.SeesAsync(line => line.Contains("/account/set-up?token=", StringComparison.Ordinal), TimeSpan.FromMinutes(1)));
        string link = console.Address + SetUpPath().Match(console.Output).Value;
        await page.GotoAsync(link);
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("ada");
        await ChoosePasswordAsync(page, AdministratorPassword, "Set up");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Custom models" })).ToBeVisibleAsync();
        return link;
    }

    /// <summary>Invites somebody; returns their link.</summary>
    public static async Task<string> InviteAsync(IPage page, string name, string role)
    {
        await page.GotoAsync("/users");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite user" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByText(role, new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        return await page.GetByLabel("Link", new() { Exact = true }).InputValueAsync();
    }

    public static async Task ChoosePasswordAsync(IPage page, string password, string button)
    {
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await page.GetByLabel("Password again").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
    }

    public static async Task SignInAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    [GeneratedRegex("/account/set-up\\?token=[0-9a-f]{64}")]
    private static partial Regex SetUpPath();
}
