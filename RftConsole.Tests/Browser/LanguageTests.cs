using System.Text.RegularExpressions;

using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>The console in another language than English: chosen, kept, and on every page.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class LanguageTests(ChromiumFixture chromium, RunningConsoleFixture console)
{
    /// <summary>What names a thing on a page: headings, buttons, tabs, labels, columns, ways to other pages.</summary>
    private const string Names =
        """
        () => [...document.querySelectorAll('h1, h2, h3, button, nav a, label, th, summary, legend, [role=tab], .page-subtitle, .empty-title')]
            .filter(element => element.checkVisibility() && !element.closest('[lang=en]:not(html)'))
            .map(element => (element.getAttribute('aria-label') ?? element.innerText).trim())
            .filter(text => text.length > 0)
        """;

    public static TheoryData<string> Addresses { get; } =
    [
        "/", "/samples", "/samples/arithmetic", "/jobs/create", "/jobs/create?section=data", "/jobs/create?section=reward", "/jobs/create?section=hyperparameters",
        "/jobs/create?section=output", "/jobs/create?section=additional", "/jobs/create?section=review", "/jobs/compare", "/models", "/models/nobody", "/deployments",
        "/jobs", "/jobs/nobody", "/datasets", "/datasets/nobody", "/rewards", "/rewards/nobody", "/base-models", "/users", "/audit-log", "/settings",
    ];

    [Fact]
    public async Task A_language_is_chosen_in_the_bar_kept_across_pages_and_changed_back_in_the_settings()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        await observed.GoAsync("/models");

        await observed.Page.GetByRole(AriaRole.Button, new() { Name = "Language" }).ClickAsync();
        await observed.Page.GetByText("简体中文", new() { Exact = true }).ClickAsync();

        await ExpectHeadingAsync(observed, "模型");
        await Expect(observed.Page).ToHaveURLAsync(new Regex("/models$"));
        Assert.Equal("zh-Hans", await observed.Page.EvaluateAsync<string>("() => document.documentElement.lang"));
        await observed.GoAsync("/settings");
        await ExpectHeadingAsync(observed, "设置");

        await observed.Page.GetByRole(AriaRole.Radio, new() { Name = "English" }).ClickAsync();

        await ExpectHeadingAsync(observed, "Settings");
        Assert.Equal("en", await observed.Page.EvaluateAsync<string>("() => document.documentElement.lang"));
        observed.ExpectNoErrors();
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_page_in_chinese_has_no_english_left_and_fits_a_narrow_screen(string address)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 390, height: 844, locale: "zh-CN");

        await observed.GoAsync(address);

        string[] left = [.. (await observed.Page.EvaluateAsync<string[]>(Names)).Where(text => Latin.IsMatch(text) && !Chinese.IsMatch(text) && !Established.IsMatch(text))];
        Assert.Empty(left);
        Assert.Equal(0, await observed.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        observed.ExpectNoErrors();
    }

    private static Task ExpectHeadingAsync(ObservedPage observed, string heading) =>
        Expect(observed.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = heading, Exact = true })).ToBeVisibleAsync();

    [GeneratedRegex("[A-Za-z]{2,}")]
    private static partial Regex Latin { get; }

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Chinese { get; }

    /// <summary>Names of things, and terms that Chinese texts of the field leave as they are.</summary>
    [GeneratedRegex(@"^(?:Rollout|Webhook|S3|SHA-256|HTTP API|LoRA alpha|English|Starter|.*Instruct|Qwen3 [\d.]+B|[qkvo]_proj|(?:gate|up|down)_proj|[\w.]+\.(?:jsonl?|csv))$")]
    private static partial Regex Established { get; }
}
