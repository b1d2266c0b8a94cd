using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>Every address of the console in a real browser: its heading, what it asks for, both appearances, a narrow screen.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PagesTests(ChromiumFixture chromium, RunningConsoleFixture console)
{
    public static TheoryData<string, string> Addresses { get; } = new()
    {
        { "/", "Custom models" },
        { "/jobs", "Jobs" },
        { "/jobs/create", "Create reinforcement fine-tuning job" },
        { "/jobs/create?section=hyperparameters", "Create reinforcement fine-tuning job" },
        { "/jobs/nobody", "This job does not exist" },
        { "/models", "Models" },
        { "/models/nobody", "This model does not exist" },
        { "/deployments", "Deployments" },
        { "/playground", "Playground" },
        { "/datasets", "Data sets" },
        { "/rewards", "Reward functions" },
        { "/base-models", "Base models" },
        { "/settings", "Settings" },
    };

    /// <summary>Relative luminance as WCAG 2.2 defines it, of a computed colour in any notation.</summary>
    private const string Luminance =
        """
        const luminance = (selector, property) => {
            const canvas = document.createElement('canvas').getContext('2d');
            canvas.fillStyle = getComputedStyle(document.querySelector(selector))[property];
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };

        """;

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task An_address_shows_its_heading_without_errors_and_asks_no_other_host(string address, string heading)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);

        await observed.GoAsync(address);

        await Expect(observed.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = heading, Exact = true })).ToBeVisibleAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_narrow_screen_needs_no_scrolling_sideways(string address, string heading)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 390, height: 844);

        await observed.GoAsync(address);
        await Expect(observed.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = heading, Exact = true })).ToBeInViewportAsync();

        int overflow = await observed.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.Equal(0, overflow);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_page_follows_the_system_s_appearance_with_readable_text(ColorScheme colors)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, colors);
        await observed.GoAsync("/");

        // WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1. The theme's style elements arrive with the circuit, so it is waited for.
        await observed.Page.WaitForFunctionAsync(
            "isDark => {" + Luminance + """

            const [low, high] = [luminance('body', 'backgroundColor'), luminance('h1', 'color')].sort((a, b) => a - b);
            return (luminance('body', 'backgroundColor') < 0.2) === isDark && (high + 0.05) / (low + 0.05) >= 4.5;
            }
            """,
            colors == ColorScheme.Dark);
    }

    [Fact]
    public async Task The_appearance_button_is_remembered_across_a_reload()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        await observed.GoAsync("/");

        await observed.Page.GetByRole(AriaRole.Button, new() { Name = "Use dark appearance" }).ClickAsync();
        await Expect(observed.Page.GetByRole(AriaRole.Button, new() { Name = "Use light appearance" })).ToBeVisibleAsync();
        await observed.Page.ReloadAsync();

        await Expect(observed.Page.GetByRole(AriaRole.Button, new() { Name = "Use light appearance" })).ToBeVisibleAsync();
        await observed.Page.WaitForFunctionAsync("() => {" + Luminance + "return luminance('body', 'backgroundColor') < 0.2; }");
    }

    [Fact]
    public async Task The_links_of_the_menu_lead_to_their_pages()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        await observed.GoAsync("/");
        ILocator menu = observed.Page.GetByRole(AriaRole.Navigation, new() { Name = "Console" });

        foreach (string name in new[] { "Jobs", "Models", "Deployments", "Playground", "Data sets", "Reward functions", "Base models", "Settings" })
        {
            await menu.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
            await Expect(observed.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = name, Exact = true })).ToBeVisibleAsync();
        }

        observed.ExpectNoErrors();
    }

    [Fact]
    public async Task The_wizard_can_be_filled_with_the_keyboard_alone()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        await observed.GoAsync("/");
        IKeyboard keyboard = observed.Page.Keyboard;

        await TabToAsync(observed.Page, "Create");
        await keyboard.PressAsync("Enter");
        await Expect(observed.Page.GetByRole(AriaRole.Textbox, new() { Name = "Job name" })).ToBeVisibleAsync();
        await TabToAsync(observed.Page, "Job name");
        await keyboard.TypeAsync("by-keyboard");
        await TabToAsync(observed.Page, "Review and create");
        await keyboard.PressAsync("Enter");

        await Expect(observed.Page.GetByRole(AriaRole.Heading, new() { Name = "Review", Exact = true })).ToBeVisibleAsync();
        await TabToAsync(observed.Page, "Create reinforcement fine-tuning job");
        observed.ExpectNoErrors();
    }

    /// <summary>Presses Tab until the control with this accessible name has the focus; fails after a whole round.</summary>
    private static async Task TabToAsync(IPage page, string name)
    {
        List<string> visited = [];
        for (int presses = 0; presses < 60; presses++)
        {
            string focused = await page.EvaluateAsync<string>(
                "() => { const at = document.activeElement; return (at.ariaLabel || at.labels?.[0]?.innerText || at.innerText || '').trim(); }");
            if (string.Equals(focused, name, StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            visited.Add(focused);
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab never reached \"{name}\"; it went through: {string.Join(" | ", visited)}");
    }
}
