using Microsoft.Playwright;

namespace RftConsole.Tests.Browser;

/// <summary>The pages of a console in which nothing is yet; <see cref="FlowTests"/> has those of a full one.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AccessibilityTests(ChromiumFixture chromium, RunningConsoleFixture console)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Axe_finds_nothing_on_an_empty_console(ColorScheme colors, int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, colors, width);

        await Axe.ExpectNothingAsync(observed, Axe.Addresses);
    }

    [Fact]
    public async Task Axe_finds_what_is_put_in_to_be_found()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        await observed.Page.RouteAsync("**/settings", async route =>
        {
            IAPIResponse page = await route.FetchAsync();
            await route.FulfillAsync(new() { Response = page, Body = (await page.TextAsync()).Replace("<body>", "<body><img src=\"favicon.svg\">", StringComparison.Ordinal) });
        });

        Assert.Contains(await Axe.ViolationsAsync(observed, ["/settings"]), violation => violation.Contains("image-alt", StringComparison.Ordinal));
    }
}
