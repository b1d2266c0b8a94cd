using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>The console without a mouse, and at a zoom of 400 %.</summary>
[Collection(BrowserCollection.Name)]
public sealed class KeyboardFlowTests(ChromiumFixture chromium, TrainedConsoleFixture console)
{
    [Fact]
    public async Task Dialogs_begin_in_their_first_control_and_Escape_leads_back_to_where_they_were_opened()
    {
        string job = $"/jobs/{console.Fast.Id}";
        (string Address, string Opener)[] dialogs =
        [
            (job, "Delete job"), (job, "Train longer"), ($"/models/{console.Fast.Id}", "Deploy for on-demand"), ("/settings", "Add endpoint"), ("/settings", "Create API key"), ("/settings", "Add key"),
            ("/rewards", "Create reward function"), ("/base-models", "Add model"),
        ];
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        IPage page = observed.Page;
        foreach ((string address, string opener) in dialogs)
        {
            await observed.GoAsync(address);
            await Button(page, opener).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.GetByRole(AriaRole.Dialog).Locator("input:focus, textarea:focus, button:focus, [role=combobox]:focus")).ToHaveCountAsync(1);

            await page.Keyboard.PressAsync("Escape");

            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
            await Expect(Button(page, opener)).ToBeFocusedAsync();
        }

        observed.ExpectNoErrors();
    }

    /// <summary>WCAG 2.2, success criterion 1.4.10: a window of 1280 pixels at 400 % is one of 320.</summary>
    [Fact]
    public async Task At_a_zoom_of_400_percent_nothing_is_out_of_reach()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 320, height: 640);
        IPage page = observed.Page;
        foreach (string address in (string[])["/", "/jobs", $"/jobs/{console.Fast.Id}", $"/jobs/compare?jobs={console.Slow.Id},{console.Fast.Id}", "/jobs/create?section=reward", "/jobs/create?section=review", "/datasets", "/rewards", "/playground", "/settings", "/users"])
        {
            await observed.GoAsync(address);
            await observed.ExpectFitsAsync();
            foreach (ILocator control in await page.GetByRole(AriaRole.Banner).GetByRole(AriaRole.Button).AllAsync())
            {
                LocatorBoundingBoxResult box = (await control.BoundingBoxAsync())!;
                Assert.InRange(box.X, 0, 320 - box.Width);
            }
        }
    }
}
