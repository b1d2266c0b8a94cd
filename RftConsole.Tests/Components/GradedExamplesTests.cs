using Bunit;

using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Rollouts;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>Hand-graded examples on the page of a reward function, and thumbs where responses are shown.</summary>
public sealed class GradedExamplesTests : PageContext
{
    private readonly RewardEntry _entry;

    public GradedExamplesTests()
    {
        RewardCode.Kept["/one.py"] = "# one";
        _entry = RewardLibrary.Add("mine", new RewardFunctionSpecification { File = "/one.py" });
    }

    [Fact]
    public async Task Agreement_and_disagreements_are_shown()
    {
        await AddAsync("right", 1);
        await AddAsync("wrong", 0);
        await AddAsync("unlucky", 1);
        RewardTrial.Grades = [Result(1), Result(1), Result(0)];
        ShowPage();

        Click("Compare");

        Page.WaitForAssertion(() => Assert.Equal("33.3 %", Figure("Accuracy")));
        Assert.Equal("25 %", Figure("Balanced accuracy"));
        Assert.Equal(("1", "1"), (Figure("Passed, though bad"), Figure("Failed, though good")));
        Assert.Equal(2, Page.FindAll("td .status-held").Count);
    }

    [Fact]
    public async Task A_response_without_a_verdict_is_counted_apart()
    {
        await AddAsync("right", 1);
        await AddAsync("odd", 0);
        RewardTrial.Grades = [Result(1), RewardResult.WithoutVerdict("x", "cannot be read", "")];
        ShowPage();

        Click("Compare");

        Page.WaitForAssertion(() => Assert.Equal("100 %", Figure("Accuracy")));
        Assert.Contains("of 1 examples, 1 without a score", Page.Markup, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_example_is_written_and_removed_by_hand()
    {
        ShowPage();
        Field("Prompt of the example").Change("2 + 2?");
        Field("Reference answer of the example").Change("""{"value":"4"}""");
        Field("Response of the example").Change("4");
        Click("Add as good");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Compare")));
        GradedExample example = Assert.Single(await Examples.ListAsync(_entry.Reward.Id));
        Assert.Equal(("4", 1.0, """{"value":"4"}"""), (example.Response, example.Grade, example.Record.ReferenceAnswer!.ToJsonString()));

        Click("Remove example 1");

        Page.WaitForAssertion(() => Assert.Null(FindButton("Compare")));
    }

    [Fact]
    public async Task A_thumb_in_a_dry_run_keeps_the_response_as_an_example()
    {
        RewardTrial.DryRun = (_, _) => Task.FromResult(new DryRunReport([new(PlainRecord.Of("r", "2 + 2?", "4"), [new(new("four"), Result(0))])], 1, TimeSpan.Zero));
        ShowPage();
        Click("Start dry run");

        Click("This response is good");

        Page.WaitForAssertion(() => Assert.Equal("true", FindButton("This response is good")!.GetAttribute("aria-pressed")));
        GradedExample example = Assert.Single(await Examples.ListAsync(_entry.Reward.Id));
        Assert.Equal(("r", "four", 1.0), (example.Record.Id, example.Response, example.Grade));
    }

    [Fact]
    public void A_rollout_is_graded_where_the_job_runs_a_function_of_the_library()
    {
        RewardLibrary.UsedBy["job"] = new(_entry.Reward.Id, "mine", 1);
        Rollout rollout = new(1, 0, 0, "a", "2 + 2?", "5", 3, "stop", 1, 0, "4", [], null, "");
        Show<RolloutAnswer>("/jobs/job", ("JobId", "job"), ("Rollout", rollout));

        Click("This response is bad");

        Assert.Equal([(_entry.Reward.Id, "job", rollout, 0.0)], Examples.Rollouts);
        Assert.Contains("graded examples of mine", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rollout_of_another_job_has_no_thumbs()
    {
        Show<RolloutAnswer>("/jobs/job", ("JobId", "job"), ("Rollout", new Rollout(1, 0, 0, "a", "2 + 2?", "5", 3, "stop", 1, 0, "4", [], null, "")));

        Assert.Null(FindButton("This response is bad"));
    }

    private static RewardResult Result(double score) => new("x", score, [], null, "");

    private Task AddAsync(string response, double grade) => Examples.GradeAsync(_entry.Reward.Id, PlainRecord.Of("example", "2 + 2?", "4"), response, grade);

    private string Figure(string label) => Page.FindAll(".stat").Single(stat => stat.QuerySelector(".stat-label")?.TextContent.Trim() == label).QuerySelector(".stat-value")!.TextContent.Trim();

    private void ShowPage() => Show<RewardPage>("/rewards/" + _entry.Reward.Id, ("Id", _entry.Reward.Id));
}
