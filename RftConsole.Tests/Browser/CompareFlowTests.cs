using System.Text.RegularExpressions;

using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>Two jobs beside each other: chosen, one pinned as the baseline, and the link handed on.</summary>
[Collection(BrowserCollection.Name)]
public sealed class CompareFlowTests(ChromiumFixture chromium, TrainedConsoleFixture console)
{
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task From_a_job_to_a_second_one_a_baseline_and_a_link_that_shows_the_same(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync($"/jobs/{console.Slow.Id}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare", Exact = true }).ClickAsync();
        await Expect(Heading(page, "Compare runs")).ToBeVisibleAsync();

        await ChooseAsync(page.Locator("main"), "Add a job", console.Fast.Name);
        await Expect(page.GetByRole(AriaRole.List, new() { Name = "Compared jobs" }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Button(page, $"Baseline: {console.Slow.Name}").ClickAsync();
        await Expect(page.GetByText("Differences are against the baseline.")).ToBeVisibleAsync();
        await ExpectComparedAsync(observed, width);

        await using ObservedPage other = await chromium.OpenAsync(console.Address, width: width, height: 844);
        await other.GoAsync(page.Url);
        await ExpectComparedAsync(other, width);
        await Expect(Button(other.Page, $"Baseline: {console.Slow.Name}")).ToHaveAttributeAsync("aria-pressed", "true");
        await Button(other.Page, $"Remove {console.Fast.Name}").ClickAsync();
        await Expect(Button(other.Page, $"Remove {console.Fast.Name}")).ToHaveCountAsync(0);
        observed.ExpectNoErrors();
        other.ExpectNoErrors();
    }

    private async Task ExpectComparedAsync(ObservedPage observed, int width)
    {
        IPage page = observed.Page;
        ILocator fast = page.GetByRole(AriaRole.Table, new() { Name = "Results" }).GetByRole(AriaRole.Row).Filter(new() { HasText = console.Fast.Name });
        await Expect(fast).ToContainTextAsync(new Regex("[+−±][0-9]"));
        ILocator rewards = page.GetByRole(AriaRole.Figure).Filter(new() { Has = Heading(page, "Training rewards") });
        await rewards.ScrollIntoViewIfNeededAsync();
        foreach (TrainedJob job in (TrainedJob[])[console.Slow, console.Fast])
        {
            await Expect(rewards.GetByRole(AriaRole.Img, new() { Name = "Training rewards" })).ToHaveAccessibleDescriptionAsync(new Regex(Regex.Escape(job.Name)));
        }

        // Only what differs, and all of it in sight: two columns of values fit any screen.
        ILocator settings = page.GetByRole(AriaRole.Table, new() { Name = "Configuration" });
        await Expect(settings.GetByRole(AriaRole.Row)).ToHaveTextAsync([new Regex("Setting"), new Regex("Learning rate.*0.001.*0.003", RegexOptions.Singleline)]);
        Assert.InRange((await settings.BoundingBoxAsync())!.Width, 1, width);
        await page.GetByRole(AriaRole.Switch, new() { Name = "Only what differs" }).UncheckAsync();
        await Expect(settings).ToContainTextAsync("Batch size");
        await page.GetByRole(AriaRole.Switch, new() { Name = "Only what differs" }).CheckAsync();
        await observed.ExpectFitsAsync();
    }
}
