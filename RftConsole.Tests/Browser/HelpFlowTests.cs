using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>Help beside each page, hints, the glossary, and the page that does not exist.</summary>
[Collection(BrowserCollection.Name)]
public sealed class HelpFlowTests(ChromiumFixture chromium, RunningConsoleFixture console)
{
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task The_question_mark_opens_help_for_the_page_and_its_words_lead_to_the_glossary(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/rewards");
        // The hint comes with the script that listens for the key.
        await Expect(page.GetByRole(AriaRole.Note, new() { Name = "Hint" })).ToBeVisibleAsync();

        await page.Keyboard.PressAsync("?");

        ILocator help = page.GetByRole(AriaRole.Dialog, new() { Name = "Help: Reward functions" });
        await Expect(help).ToBeVisibleAsync();
        await Expect(help).ToBeFocusedAsync();
        await help.GetByRole(AriaRole.Link, new() { Name = "judge" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Judge", Level = 2 })).ToBeInViewportAsync();
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Help: Glossary" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        observed.ExpectNoErrors();
    }

    [Fact]
    public async Task A_question_mark_that_is_typed_into_a_field_is_text()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 1440);
        await observed.GoAsync("/glossary");
        ILocator search = observed.Page.GetByLabel("Search the glossary");

        await search.PressSequentiallyAsync("Is it?");

        await Expect(search).ToHaveValueAsync("Is it?");
        await Expect(observed.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_dismissed_hint_stays_away_until_hints_are_shown_again()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 1440);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs/create");
        ILocator hint = page.GetByRole(AriaRole.Note, new() { Name = "Hint" });
        await Expect(hint).ToBeVisibleAsync();

        await hint.GetByRole(AriaRole.Button, new() { Name = "Got it" }).ClickAsync();
        await Expect(hint).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await Expect(hint).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Help", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show hints again" }).ClickAsync();
        await Expect(hint).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task An_address_with_a_word_or_a_section_opens_at_its_place(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;

        await observed.GoAsync("/glossary#top-p");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Top-p", Level = 2 })).ToBeInViewportAsync();

        await observed.GoAsync("/settings#api-keys");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "API keys", Level = 2 })).ToBeInViewportAsync();
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Sections of the settings" }).GetByRole(AriaRole.Link, new() { Name = "Webhook" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Webhook", Level = 2 })).ToBeInViewportAsync();
    }

    [Fact]
    public async Task An_unknown_address_has_ways_on()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 1440);
        await observed.GoAsync("/no/such/page");

        await observed.Page.GetByRole(AriaRole.Navigation, new() { Name = "Ways on" }).GetByRole(AriaRole.Link, new() { Name = "Playground" }).ClickAsync();

        await Expect(observed.Page.GetByRole(AriaRole.Heading, new() { Name = "Playground", Level = 1 })).ToBeVisibleAsync();
    }
}
