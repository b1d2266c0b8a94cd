using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Layout;
using RftConsole.Web.Components.Notifications;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Jobs;
using RftConsole.Web.Localization;
using RftConsole.Web.Notifications;
using RftConsole.Web.Rewards;

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
    public void What_the_reward_lab_finds_is_said_in_the_reader_s_language()
    {
        RewardCode.Kept["/one.py"] = "# one";
        RewardEntry entry = RewardLibrary.Add("mine", new RewardFunctionSpecification { File = "/one.py" });
        ProbeFinding finding = new(ProbeKind.Refusal, new("It pays {0} for a refusal; the reference answer gets {1}.", "0.75", "1"), "r", "I'm sorry.", 0.75, 1);
        RewardTrial.Outcome = Task.FromResult(new ProbeReport([finding], 12, TimeSpan.Zero) { Rows = [new(ProbeKind.Refusal, "A refusal", 6, 0, 0.75, 0.75, "I'm sorry.", finding)] });
        Show<RewardPage>("/rewards/" + entry.Reward.Id, ("Id", entry.Reward.Id));

        Click("运行探针");

        Page.WaitForAssertion(() => Assert.Contains("它给拒绝回答 0.75 分；参考答案得 1 分。", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_dry_run_means_is_said_in_the_reader_s_language()
    {
        Show<RemarkList>("/rewards", ("Remarks", new DryRunRemark[] { new(RemarkTone.Note, new("The baseline: {0} of the responses get the full reward.", "25 %")) }));

        Assert.Contains("基线：25 % 的回答得满分。", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_in_the_bell_is_told_in_the_reader_s_language()
    {
        JSInterop.SetupModule("./Components/Notifications/NotificationBell.razor.js").Mode = JSRuntimeMode.Loose;
        HealthKind kind = HealthKind.ZeroSpread;
        Notifications.All.Add(new("n1", DateTimeOffset.UnixEpoch, NotificationKind.Warning, "j1", "arith", "In the last 5 steps 86 % of the groups had no spread.", null, null) { Code = kind.Code });
        Show<NotificationBell>("/");

        Page.Find("button").Click();

        Page.WaitForAssertion(() => Assert.Contains("无差异的组 · ", Page.Find(".bell-note").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("86 %", Page.Markup, StringComparison.Ordinal);
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
