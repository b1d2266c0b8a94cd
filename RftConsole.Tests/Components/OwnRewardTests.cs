using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>A reward function of one's own in the wizard.</summary>
public sealed class OwnRewardTests : PageContext
{
    [Fact]
    public async Task Code_written_in_the_editor_is_what_the_job_runs()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        Click("Write my own");
        await WriteAsync("def lambda_handler", "(event, context): return []");
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "own");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        var job = Assert.Single(Jobs.Created);
        Assert.Null(job.RewardFunction.Template);
        Assert.Equal("def lambda_handler(event, context): return []", RewardCode.Kept[job.RewardFunction.File!]);
    }

    [Fact]
    public void A_template_fills_the_editor()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");

        Click("Edit this template's code");

        Assert.Contains("def lambda_handler", Editor.VerifyInvoke("create").Arguments[2] as string, StringComparison.Ordinal);
    }

    [Fact]
    public void The_code_of_an_earlier_job_can_be_reused()
    {
        RewardCode.Kept["/jobs/one/reward.py"] = "# what the job ran";
        JobDetails earlier = SampleJob.Make("one");
        Jobs["one"] = earlier with { Summary = earlier.Summary with { RewardName = "reward.py" }, Specification = earlier.Specification with { RewardFunction = new() { File = "/jobs/one/reward.py" } } };
        Show<CreateJobPage>("/jobs/create?section=reward");

        Page.FindAll(".mud-select").First(select => select.TextContent.Contains("Reuse the code of a job", StringComparison.Ordinal)).QuerySelector(".mud-input-control")!.MouseDown();
        Page.WaitForAssertion(() => Assert.NotEmpty(Page.FindAll(".mud-list-item")));
        Page.FindAll(".mud-list-item").First(item => Text(item) == earlier.Summary.Name).Click();

        Page.WaitForAssertion(() => Assert.Equal("# what the job ran", Editor.VerifyInvoke("create").Arguments[2]));
    }

    [Fact]
    public void A_problem_is_marked_at_its_line_and_said()
    {
        RewardCode.Problem = new("SyntaxError: invalid syntax (line 3)", 3, 7);
        Show<CreateJobPage>("/jobs/create?section=reward");
        Click("Write my own");

        Click("Check");

        Assert.Contains("SyntaxError: invalid syntax (line 3)", Page.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Page.WaitForAssertion(() => Assert.NotEmpty(Editor.Invocations["mark"]));
    }

    [Fact]
    public void Code_that_cannot_be_used_makes_no_job()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        Click("Write my own");
        RewardCode.Problem = new("the file defines no function lambda_handler(event, context)", null, null);
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "own");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Assert.Empty(Jobs.Created);
        Assert.Contains("defines no function lambda_handler", Page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reward_that_can_be_gamed_is_shown_and_asked_about()
    {
        RewardTrial.Outcome = Task.FromResult(new ProbeReport([new(ProbeKind.Refusal, new("It pays {0} for a refusal.", "1"), "r-1", "I'm sorry.", 1, 1)], 80, TimeSpan.Zero));
        ReviewNew();
        Assert.Contains("can be gamed", Page.Find(".probes").TextContent, StringComparison.Ordinal);
        Assert.Contains("I'm sorry.", Page.Find(".probe-list pre").TextContent, StringComparison.Ordinal);

        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Start the job")));
        Assert.Empty(Jobs.Created);
        Click("Start the job");

        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
    }

    [Fact]
    public void Going_back_starts_no_job()
    {
        RewardTrial.Outcome = Task.FromResult(new ProbeReport([new(ProbeKind.Empty, new("It pays {0} for an empty response.", "1"), "r-1", "", 1, 1)], 80, TimeSpan.Zero));
        ReviewNew();
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Go back")));

        Click("Go back");

        Page.WaitForAssertion(() => Assert.False(FindButton("Create reinforcement fine-tuning job")!.HasAttribute("disabled")));
        Assert.Empty(Jobs.Created);
    }

    [Fact]
    public void Skipped_probes_hold_no_job_up_and_the_same_reward_is_tried_once()
    {
        RewardTrial.Outcome = new TaskCompletionSource<ProbeReport>().Task;
        ReviewNew();
        Navigation.NavigateTo("/jobs/create?section=details");
        Click("Review and create");

        Click("Skip");
        Click("Create reinforcement fine-tuning job");

        Assert.Single(Jobs.Created);
        Assert.Equal(1, RewardTrial.Runs);
    }

    private void ReviewNew()
    {
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "own");
        Click("Review and create");
    }

    private Task WriteAsync(params string[] parts) => Page.InvokeAsync(async () =>
    {
        CodeEditor editor = Page.FindComponent<CodeEditor>().Instance;
        foreach ((int index, string part) in parts.Index())
        {
            await editor.OnPart(index, parts.Length, part);
        }
    });
}
