using AngleSharp.Dom;

using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Optimisation;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>What can be done to a job on its page and in the list: pause, train longer, continue, order the queue, free space.</summary>
public sealed class JobActionsTests : PageContext
{
    [Fact]
    public void A_running_job_can_be_paused_and_says_that_it_will()
    {
        ShowJob(SampleJob.Make("j1"));

        Click("Pause job");

        Assert.Equal(["pause j1"], Jobs.Done);
        Page.WaitForAssertion(() => Assert.Contains("Pauses after the current step.", Page.Find(".job-progress").TextContent));
        Assert.DoesNotContain("Pause job", Buttons());
        Assert.Contains("Stop job", Buttons());
    }

    [Fact]
    public void A_completed_job_is_prolonged_with_numbers_that_make_it_twice_as_long()
    {
        ShowJob(Completed(new() { EpochCount = 1, MaxSteps = 36 }, stepsDone: 36, totalSteps: 36));

        Click("Train longer");
        IElement dialog = Page.WaitForElement("[role=dialog]");
        // 72 steps of 16 prompts are two passes over 576.
        Assert.Equal(["2", "72"], dialog.QuerySelectorAll("input[inputmode]").Select(input => input.GetAttribute("value")));
        Assert.Contains("72 steps in all, 36 more.", dialog.TextContent);
        dialog.QuerySelectorAll("button").Last(button => Text(button) == "Train longer").Click();

        Page.WaitForAssertion(() => Assert.Equal(["prolong j1 2 72 True"], Jobs.Done));
        Page.WaitForAssertion(() => Assert.Equal("Queued", Text(Page.Find("[role=status]"))));
    }

    [Fact]
    public void A_job_that_ended_early_is_offered_its_remaining_steps_without_early_stopping()
    {
        ShowJob(Completed(new() { EpochCount = 2 }, stepsDone: 20, totalSteps: 72));

        Click("Train longer");
        IElement dialog = Page.WaitForElement("[role=dialog]");
        Assert.Contains("72 steps in all, 52 more.", dialog.TextContent);
        Assert.Contains("with early stopping on it would end at once again", dialog.TextContent);
        dialog.QuerySelectorAll("button").Last(button => Text(button) == "Train longer").Click();

        Page.WaitForAssertion(() => Assert.Equal(["prolong j1 2  False"], Jobs.Done));
    }

    [Fact]
    public void What_the_service_refuses_is_said_in_the_dialog_which_stays()
    {
        Jobs.RefuseAction = "These make 36 steps, and 36 are made already.";
        ShowJob(Completed(new(), stepsDone: 36, totalSteps: 36));

        Click("Train longer");
        Page.WaitForElement("[role=dialog]").QuerySelectorAll("button").Last(button => Text(button) == "Train longer").Click();

        Page.WaitForAssertion(() => Assert.Contains("36 are made already", Page.Find("[role=dialog]").TextContent));
    }

    [Fact]
    public void A_job_with_a_schedule_says_why_it_cannot_be_made_longer()
    {
        ShowJob(Completed(new() { Schedule = LearningRateSchedule.Cosine }, stepsDone: 36, totalSteps: 36));

        Click("Train longer");

        Page.WaitForAssertion(() => Assert.Contains("cosine schedule", Page.Markup));
        Assert.Empty(Page.FindAll("[role=dialog]"));
    }

    [Fact]
    public void A_new_job_continues_from_a_tuned_model_and_is_trained_on_its_base_model()
    {
        Models.All.Add(SampleJob.MakeModel("m1"));
        Show<CreateJobPage>("/jobs/create?model=tuned%3Am1");
        Assert.Contains("Training goes on from arith-tuned", Page.Markup);
        Type("Job name", "second");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        JobSpecification job = Assert.Single(Jobs.Created);
        Assert.Equal(("starter", "/data/models/m1"), (job.BaseModel, job.InitialAdapter));
    }

    [Fact]
    public void A_job_with_a_model_leads_to_a_new_one_that_continues_from_it()
    {
        ShowJob(SampleJob.Make("j1", JobStatus.Completed, "m1"));

        Assert.Equal("/jobs/create?model=tuned%3Am1", Page.FindAll("a").Single(link => Text(link) == "Continue in a new job").GetAttribute("href"));
    }

    [Fact]
    public void A_tuned_model_that_is_gone_is_said_and_the_base_model_stays_chosen()
    {
        Show<CreateJobPage>("/jobs/create?model=tuned%3Agone");

        Assert.Contains("This tuned model has been deleted", Page.Markup);
        Type("Job name", "second");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Assert.Null(Assert.Single(Jobs.Created).InitialAdapter);
    }

    [Fact]
    public void The_queue_is_shown_in_order_and_its_buttons_name_the_job()
    {
        AddQueued("a", 2);
        AddQueued("b", 1);
        AddQueued("c", 3);
        Show<JobsPage>("/jobs");

        Assert.Equal(["b", "a", "c"], Page.FindAll(".queue-list .row-link").Select(Text));
        Page.Find("[aria-label='Move c to the front']").Click();
        Page.Find("[aria-label='Move a up']").Click();
        Page.Find("[aria-label='Move a down']").Click();
        Page.Find("[aria-label='Take b out of the queue']").Click();

        Assert.Equal(["move c First", "move a Up", "move a Down"], Jobs.Done);
        Assert.Equal(["b"], Jobs.Stopped);
        Assert.True(Page.Find("[aria-label='Move b up']").HasAttribute("disabled"));
        Assert.True(Page.Find("[aria-label='Move c down']").HasAttribute("disabled"));
        Assert.Contains("number 3 in the queue", Page.Find(".data-table").TextContent);
    }

    [Fact]
    public void Space_is_freed_after_a_question_and_the_page_says_how_much()
    {
        JobDetails job = SampleJob.Make("j1", JobStatus.Stopped);
        ShowJob(
            job with
            {
                Summary = job.Summary with { Bytes = 9 << 20 },
                Storage = new(9 << 20, [new(36, 2 << 20), new(30, 2 << 20), new(20, 2 << 20)], 2 << 20, new Dictionary<string, long> { ["metrics.jsonl"] = 4096 }, 20),
            },
            "?tab=artefacts");

        Assert.Equal(["36", "30", "20"], Page.FindAll("[aria-labelledby=checkpoints-title] tbody tr").Select(row => Text(row.Children[0])));
        Assert.Equal(["last: a resume goes on from it", "", "best by validation reward"], Page.FindAll("[aria-labelledby=checkpoints-title] tbody tr").Select(row => Text(row.Children[2])));
        Click("Free space");
        IElement dialog = Page.WaitForElement("[role=dialog]");
        Assert.Contains("2 MB", dialog.TextContent);
        Assert.Empty(Jobs.Done);
        dialog.QuerySelectorAll("button").Single(button => Text(button) == "Free space").Click();

        Page.WaitForAssertion(() => Assert.Equal(["free j1"], Jobs.Done));
        Page.WaitForAssertion(() => Assert.Contains("2 MB are free again.", Page.Markup));
    }

    private static JobDetails Completed(Hyperparameters hyperparameters, int stepsDone, int totalSteps)
    {
        JobDetails job = SampleJob.Make("j1", JobStatus.Completed);
        return job with
        {
            Summary = job.Summary with { StepsDone = stepsDone, TotalSteps = totalSteps },
            Specification = job.Specification with { Hyperparameters = hyperparameters },
            Plan = new(hyperparameters with { BatchSize = 16 }, totalSteps, 576, 64, 0, null),
        };
    }

    private void AddQueued(string id, int position)
    {
        JobDetails job = SampleJob.Make(id, JobStatus.Queued);
        Jobs[id] = job with { Summary = job.Summary with { Name = id, QueuePosition = position, TotalSteps = 0 } };
    }

    private IEnumerable<string> Buttons() => Page.FindAll("button").Select(Text);

    private void ShowJob(JobDetails job, string query = "")
    {
        Jobs["j1"] = job;
        Show<JobPage>("/jobs/j1" + query, ("Id", "j1"));
    }
}
