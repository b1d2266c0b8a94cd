using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Layout;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;
using RftConsole.Web.Localization;

namespace RftConsole.Tests.Components;

/// <summary>Pages in the reader's language.</summary>
public sealed class LanguagePageTests : PageContext
{
    public LanguagePageTests() => Language.SimplifiedChinese.Apply();

    [Fact]
    public async Task What_a_service_tells_from_its_own_thread_is_shown_in_the_reader_s_language()
    {
        Show<HomePage>("/");
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Queued);
        Language.English.Apply();

        await Jobs.News.TellAsync();

        Assert.Equal("排队中", Text(Page.Find(".status")));
    }

    [Fact]
    public void A_chart_reads_in_the_reader_s_language_and_names_its_files_in_english()
    {
        ChartDefinition chart = ChartDefinition.All[0].InReadersLanguage();

        Assert.Equal(("训练奖励", "训练"), (chart.Title, chart.Series[0].Label));
        Assert.Equal(("Training rewards", "Training", "Training rewards"), (chart.Name, chart.Series[0].Name, chart.Id));
    }

    [Fact]
    public void The_choice_of_a_language_leads_back_to_the_page()
    {
        Show<LanguageMenu>("/jobs?tag=a");

        Click("语言");
        Page.FindAll(".mud-menu-item").Single(item => Text(item) == "English").Click();

        Assert.Equal("/language/en?returnUrl=%2Fjobs%3Ftag%3Da", Address);
    }

    [Fact]
    public void A_sentence_shows_code_stress_and_links_and_its_values_as_text()
    {
        IRenderedComponent<Sentence> sentence = Render<Sentence>(parameters => parameters
            .Add(one => one.Text, "Of **{0}**, `{1}` in [{0}](/a/{1}).")
            .Add(one => one.Values, ["<b>[x](y)</b>", 2]));

        sentence.MarkupMatches("""Of <strong>&lt;b&gt;[x](y)&lt;/b&gt;</strong>, <code>2</code> in <a href="/a/2">&lt;b&gt;[x](y)&lt;/b&gt;</a>.""");
    }
}
