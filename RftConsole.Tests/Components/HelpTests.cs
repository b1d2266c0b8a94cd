using System.Globalization;
using System.Text.RegularExpressions;

using Bunit;

using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Help;
using RftConsole.Web.Components.Pages;

namespace RftConsole.Tests.Components;

/// <summary>The side panel, the hints and the glossary.</summary>
public sealed partial class HelpTests : PageContext
{
    private readonly BunitJSModuleInterop _script;

    public HelpTests()
    {
        Services.AddScoped<HelpState>();
        _script = JSInterop.SetupModule("./Components/Help/HelpPanel.razor.js");
        _script.Mode = JSRuntimeMode.Loose;
        JSInterop.SetupModule("./Components/Help/ScrollToHash.razor.js").Mode = JSRuntimeMode.Loose;
    }

    /// <summary>The first part of each page's address, as its route says.</summary>
    public static TheoryData<string> Pages { get; } =
    [
        .. typeof(HomePage).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(HomePage).Namespace)
            .SelectMany(type => type.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>())
            .Select(route => route.Template)
            .Where(template => template != "/not-found")
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_page_explains_itself(string template) => Assert.NotEqual("console", HelpTopic.Of(template).Name);

    [Fact]
    public void Every_link_to_the_glossary_leads_to_a_word()
    {
        IEnumerable<string> linked = HelpTopic.Names.Select(HelpTopic.Get).SelectMany(topic => GlossaryLink.Matches(topic.Text)).Select(match => match.Groups[1].Value)
            .Concat(ChartDefinition.All.Select(chart => chart.Term!));

        Assert.Empty(linked.Except(Glossary.Terms.Select(term => term.Anchor)));
    }

    [Theory]
    [InlineData("reward")]
    [InlineData("rollout")]
    [InlineData("group")]
    [InlineData("advantage")]
    [InlineData("grpo")]
    [InlineData("kl")]
    [InlineData("lora")]
    [InlineData("entropy")]
    [InlineData("clip-fraction")]
    [InlineData("temperature")]
    [InlineData("judge")]
    [InlineData("rlvr")]
    [InlineData("rlaif")]
    public void The_glossary_has_the_words_that_nobody_knows_at_first(string anchor) => Assert.NotEmpty(Glossary.Find(anchor).Text);

    [Fact]
    public void The_chinese_texts_have_the_same_words_hints_and_links()
    {
        var english = Texts();
        CultureInfo before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-Hans");
            var chinese = Texts();

            Assert.Equal(english.Anchors, chinese.Anchors);
            Assert.Equal(english.Topics, chinese.Topics);
            Assert.NotEqual("Jobs", HelpTopic.Get("jobs").Title);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }

        static (IEnumerable<string> Anchors, IEnumerable<(string, bool, string)> Topics) Texts() => (
            [.. Glossary.Terms.Select(term => term.Anchor)],
            [.. HelpTopic.Names.Select(HelpTopic.Get).Select(topic => (topic.Name, topic.Hint is null, string.Join(' ', AnyLink.Matches(topic.Text).Select(match => match.Value).Order(StringComparer.Ordinal))))]);
    }

    [Fact]
    public void Words_stand_once_in_order_and_are_short()
    {
        Assert.Equal(Glossary.Terms.Count, Glossary.Terms.Select(term => term.Anchor).Distinct().Count());
        Assert.Equal(Glossary.Terms.Select(term => term.Name).Order(StringComparer.OrdinalIgnoreCase), Glossary.Terms.Select(term => term.Name));
        Assert.All(Glossary.Terms, term => Assert.InRange(term.Text.Length, 20, 300));
    }

    [Fact]
    public void The_panel_explains_the_page_that_is_shown_and_follows_to_the_next()
    {
        Show<HelpPanel>("/jobs");
        Assert.Empty(Page.FindAll("[role=dialog]"));

        Click("Help");

        Page.WaitForAssertion(() => Assert.Equal("Jobs", Text(Page.Find(".help-panel h2"))));
        Navigation.NavigateTo("/playground?deployment=d1");
        Page.WaitForAssertion(() => Assert.Equal("Playground", Text(Page.Find(".help-panel h2"))));
        Assert.Contains("/glossary#temperature", Page.FindAll(".help-panel a").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public void The_key_opens_and_escape_closes_it()
    {
        Show<HelpPanel>("/jobs");

        Services.GetRequiredService<HelpState>().OnKey();
        Page.WaitForAssertion(() => Assert.Single(Page.FindAll(".help-panel")));
        Page.Find(".help-panel").KeyDown("Escape");

        Page.WaitForAssertion(() => Assert.Empty(Page.FindAll(".help-panel")));
    }

    [Fact]
    public async Task A_hint_stays_until_it_is_dismissed_and_comes_back_when_hints_are_reset()
    {
        _script.Setup<string[]?>("dismiss", "create").SetResult(["create"]);
        _script.Setup<string[]?>("reset").SetResult([]);
        Show<PageHint>("/jobs/create");
        HelpState state = Services.GetRequiredService<HelpState>();
        Assert.Empty(Page.FindAll("[role=note]"));
        await Page.InvokeAsync(state.StartAsync);
        Page.WaitForAssertion(() => Assert.Contains("Review and create", Page.Find("[role=note]").TextContent, StringComparison.Ordinal));

        Click("Got it");
        Page.WaitForAssertion(() => Assert.Empty(Page.FindAll("[role=note]")));
        await Page.InvokeAsync(state.ResetAsync);

        Page.WaitForAssertion(() => Assert.Single(Page.FindAll("[role=note]")));
    }

    [Fact]
    public void A_search_keeps_what_has_every_word_with_names_first_and_stands_in_the_address()
    {
        Show<GlossaryPage>("/glossary?search=reward");

        Assert.StartsWith("Reward", Text(Page.FindAll(".glossary-term h2")[0]), StringComparison.Ordinal);
        Assert.True(Page.FindAll(".glossary-term").Count < Glossary.Terms.Count);
        Type("Search the glossary", "zebra");

        Page.WaitForAssertion(() => Assert.Contains("No word here has “zebra” in it", Page.Markup, StringComparison.Ordinal));
        Assert.EndsWith("search=zebra", Address, StringComparison.Ordinal);
        Click("Show all words");
        Page.WaitForAssertion(() => Assert.Equal(Glossary.Terms.Count, Page.FindAll(".glossary-term").Count));
    }

    [GeneratedRegex(@"\]\(/[^)]*\)")]
    private static partial Regex AnyLink { get; }

    [GeneratedRegex(@"\(/glossary#([a-z0-9-]+)\)")]
    private static partial Regex GlossaryLink { get; }
}
