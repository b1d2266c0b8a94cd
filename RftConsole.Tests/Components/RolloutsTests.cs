using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>The answers of a job's steps: the list, and one prompt's group.</summary>
public sealed class RolloutsTests : PageContext
{
    [Fact]
    public void Rollouts_are_shown_as_text_and_never_as_markup()
    {
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(3, 0, 1, "<b id=\"injected\">7</b>", 1, 0.75));
        ShowJob("?tab=rollouts");

        string[] row = [.. Rows()[0].Children.Select(Text)];
        Assert.Equal("<b id=\"injected\">7</b>", row[2]);
        Assert.Equal(("1", "+0.75", "14"), (row[3], row[4], row[5]));
        Page.Find("button[aria-label^='Group of step 3, prompt 1:']").Click();
        Page.WaitForAssertion(() => Assert.Equal("<b id=\"injected\">7</b>", Page.Find(".answer-card .full-text").TextContent));
        Assert.Empty(Page.FindAll("#injected"));
    }

    [Fact]
    public void A_rollout_without_a_verdict_shows_no_reward_and_says_why()
    {
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(3, 0, 0, "seven") with { Reward = null, Advantage = 0, Unjudged = "the judge's answer could not be read" });
        ShowJob("?tab=rollouts");

        Assert.DoesNotContain(Text(Rows()[0].Children[3]), character => char.IsAsciiDigit(character));
        Page.Find("button[aria-label^='Group of step 3, prompt 1:']").Click();

        Page.WaitForAssertion(() => Assert.Contains("No verdict: left out of its group", Page.FindAll("h5").Select(Text)));
        Assert.Contains("the judge's answer could not be read", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_come_from_the_address_and_go_into_it()
    {
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(1, 0, 0, "seven"), SampleJob.MakeRollout(2, 0, 0, "seven", 0.2), SampleJob.MakeRollout(2, 0, 1, "seven", 0.9), SampleJob.MakeRollout(2, 0, 2, "eight"));
        ShowJob("?tab=rollouts&step=2&search=seven");
        Assert.Equal(2, Rows().Count);

        Type("Reward from", "0.5");

        Page.WaitForAssertion(() => Assert.Contains("least=0.5", Address, StringComparison.Ordinal));
        Page.WaitForAssertion(() => Assert.Equal("0.9", Text(Assert.Single(Rows()).Children[3])));
        Assert.Contains("1 answers match", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_rollouts_are_announced_and_not_pushed_under_the_readers_eyes()
    {
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(1, 0, 0));
        ShowJob("?tab=rollouts");
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(2, 0, 0), SampleJob.MakeRollout(2, 0, 1));
        Jobs["j1"] = Jobs["j1"] with { Summary = Jobs["j1"].Summary with { StepsDone = 13 } };
        await Jobs.News.TellAsync();
        Assert.Single(Rows());

        Click("Show 2 new");

        Page.WaitForAssertion(() => Assert.Equal(["2", "2", "1"], Rows().Select(row => Text(row.Children[0]))));
    }

    [Fact]
    public void A_group_stands_side_by_side_with_its_tokens_coloured_and_its_history()
    {
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(1, 0, 0, "first try", 0, -1), SampleJob.MakeRollout(2, 0, 0, "worse", 0.25, -1), SampleJob.MakeRollout(2, 0, 1, "better", 1), SampleJob.MakeRollout(2, 1, 0, "other prompt"));
        Jobs.Tokens.Add([new("wor", -0.1, -2), new("se", -3, -0.5)]);
        Jobs.Tokens.Add([new("better", -0.01, -0.01)]);
        ShowJob("?tab=rollouts&step=2&prompt=1");

        Page.WaitForAssertion(() => Assert.Equal(["0.25", "1"], Page.FindAll(".answer-reward").Select(Text)));
        Assert.Equal("0.25 to 1", Text(Page.FindAll("dd")[^1]));
        Assert.Equal(["Step 1", "Step 2"], Page.FindAll(".history-head button").Select(Text));
        Page.FindAll("label").First(label => Text(label) == "By change from the base model").QuerySelector("input")!.Click();
        Page.WaitForAssertion(() => Assert.Equal(["token-more", "token-less", "token-more"], Page.FindAll(".tokens span").Select(token => token.ClassName)));
        Assert.Equal(["--strength: 38%", "--strength: 50%", "--strength: 0%"], Page.FindAll(".tokens span").Select(token => token.GetAttribute("style")));
        Click("Next prompt");
        Page.WaitForAssertion(() => Assert.Contains("Step 2, prompt 2", Headings("h2")));
        Assert.Contains("step=2&prompt=2", Address, StringComparison.Ordinal);
        Click("All rollouts");
        Page.WaitForAssertion(() => Assert.Equal(4, Rows().Count));
    }

    [Fact]
    public void A_group_whose_answers_all_score_alike_says_that_it_teaches_nothing()
    {
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(1, 0, 0, "a", 1, 0), SampleJob.MakeRollout(1, 0, 1, "b", 1, 0));
        ShowJob("?tab=rollouts&step=1&prompt=1");

        Page.WaitForAssertion(() => Assert.Contains("this group teaches nothing", Page.Markup, StringComparison.Ordinal));
    }

    private IReadOnlyList<AngleSharp.Dom.IElement> Rows() => [.. Page.FindAll(".rollout-row")];

    private void ShowJob(string query)
    {
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.InProgress);
        Show<JobPage>("/jobs/j1" + query, ("Id", "j1"));
    }
}
