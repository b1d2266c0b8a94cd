using AngleSharp.Dom;

using Bunit;

using MudBlazor;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>The page of a job.</summary>
public sealed class JobPageTests : PageContext
{
    [Fact]
    public void The_status_stands_in_the_pages_one_element_with_the_role_status()
    {
        ShowJob(JobStatus.InProgress);

        Assert.Equal("In progress", Text(Assert.Single(Page.FindAll("[role=status]"))));
    }

    [Fact]
    public async Task News_of_the_job_reach_the_page()
    {
        ShowJob(JobStatus.InProgress);

        Jobs["j1"] = Jobs["j1"] with { Summary = Jobs["j1"].Summary with { Status = JobStatus.Failed, Message = "The reward function failed." } };
        await Jobs.News.TellAsync();

        Assert.Equal("Failed", Text(Page.Find("[role=status]")));
        Assert.Contains("The reward function failed.", Page.Markup);
    }

    [Fact]
    public void The_three_phases_and_the_progress_are_shown()
    {
        ShowJob(JobStatus.InProgress);

        Assert.Equal(["Validation", "Data processing", "Training"], Page.FindAll(".phase-name").Select(Text));
        Assert.Equal(["Completed", "Completed", "In progress"], Page.FindAll(".phase-status").Select(Text));
        IElement progress = Page.Find("[role=progressbar]");
        Assert.Equal(("12", "40"), (progress.GetAttribute("aria-valuenow"), progress.GetAttribute("aria-valuemax")));
        Assert.Contains("2 min 5 s left", Page.Find(".job-progress").TextContent);
    }

    [Theory]
    [InlineData(JobStatus.InProgress, "best checkpoint so far")]
    [InlineData(JobStatus.Completed, "best checkpoint")]
    public void Only_a_job_that_goes_on_has_a_best_so_far(JobStatus status, string note)
    {
        ShowJob(status);

        Assert.Contains(Page.FindAll(".job-figures *").Select(Text), text => text == note);
    }

    [Fact]
    public void The_speed_of_the_latest_steps_stands_beside_the_progress()
    {
        Jobs.AddMetrics(
            "j1",
            new StepMetrics(1, new Dictionary<string, double> { [MetricNames.StepTime] = 1.5, [MetricNames.TokenCount] = 1000 }),
            new StepMetrics(2, new Dictionary<string, double> { [MetricNames.StepTime] = 2.5, [MetricNames.TokenCount] = 3000 }));

        ShowJob(JobStatus.InProgress);

        Assert.Contains("750 tokens/s", Page.Find(".job-figures").TextContent, StringComparison.Ordinal);
        Assert.Contains("2 s a step, last 2 steps", Page.Find(".job-figures").TextContent, StringComparison.Ordinal);
        Assert.Contains("12 of 40 steps · 30 %", Text(Page.Find(".job-progress-line")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_waits_to_go_on_counts_no_time()
    {
        ShowJob(JobStatus.Queued);

        Assert.Contains("waits for its turn", Page.Find(".job-figures").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("started", Page.Find(".job-figures").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_tab_that_goes_with_the_page_is_no_fault()
    {
        ShowJob(JobStatus.Completed);

        await Page.InvokeAsync(() => Page.FindComponent<MudTabs>().Instance.ActivePanelIndexChanged.InvokeAsync(-1));

        Assert.DoesNotContain("tab=", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_tab_shows_the_originals_charts_under_training_metrics()
    {
        ShowJob(JobStatus.InProgress);

        Assert.Contains("Training metrics", Headings("h2"));
        Assert.Superset(
            new HashSet<string> { "Training rewards", "Validation rewards", "Accuracy", "Training loss", "Policy entropy", "Gradient norm", "Training episode lengths", "Validation episode lengths", "Reward margin" },
            Headings("h3").ToHashSet());
    }

    [Fact]
    public async Task A_chart_gets_each_point_once()
    {
        Jobs.AddMetrics("j1", new StepMetrics(1, new Dictionary<string, double> { ["loss"] = 0.5 }));
        ShowJob(JobStatus.InProgress);
        Jobs.AddMetrics("j1", new StepMetrics(2, new Dictionary<string, double> { ["loss"] = 0.25 }));
        await Jobs.News.TellAsync();

        Assert.Equal([("loss", 1, 0.5), ("loss", 2, 0.25)], Charts.Invocations["append"].SelectMany(Sent));
    }

    [Fact]
    public async Task A_validation_that_comes_after_its_step_reaches_its_chart()
    {
        Jobs.AddMetrics("j1", new StepMetrics(10, new Dictionary<string, double> { ["loss"] = 0.5 }));
        ShowJob(JobStatus.InProgress);
        Jobs.AddMetrics("j1", new StepMetrics(10, new Dictionary<string, double> { ["eval/completions/mean_length"] = 23 }));
        await Jobs.News.TellAsync();

        Assert.Equal([("eval/completions/mean_length", 10, 23.0)], Sent(Charts.Invocations["append"][^1]));
    }

    [Fact]
    public void The_tabs_have_the_names_that_people_expect()
    {
        ShowJob(JobStatus.InProgress);

        Assert.Equal(["Overview", "Rollouts", "Reward", "Data", "Logs", "Artefacts", "Configuration"], Page.FindAll("[role=tab]").Select(Text));
    }

    [Fact]
    public void What_goes_wrong_is_said_with_a_way_to_the_rollouts_and_marked_on_the_charts()
    {
        Jobs.AddMetrics("j1", [.. Enumerable.Range(1, 6).Select(step => new StepMetrics(step, new Dictionary<string, double> { ["reward"] = 0.2, ["frac_reward_zero_std"] = 0.1, ["completions/clipped_ratio"] = step == 4 ? 0.7 : 0 }))]);
        ShowJob(JobStatus.InProgress);

        Assert.Equal("Responses are cut off", Text(Page.Find(".health-finding h3")));
        Assert.Contains("70 % of the completions", Page.Find(".health-finding").TextContent, StringComparison.Ordinal);
        Assert.Equal("/jobs/j1?tab=rollouts&step=4&fault=CutOff", Page.Find(".health-finding a").GetAttribute("href"));
        Assert.Equal([new ChartMark(4, "Responses are cut off")], (IReadOnlyList<ChartMark>)Charts.Invocations["mark"][^1].Arguments[1]!);
    }

    [Fact]
    public void A_metric_of_choice_is_a_chart_of_its_own()
    {
        Jobs.AddMetrics("j1", new StepMetrics(1, new Dictionary<string, double> { ["learning_rate"] = 0.001 }));
        ShowJob(JobStatus.InProgress, "?metric=learning_rate");

        Assert.Equal("learning_rate", Text(Page.Find(".chart h3")));
        Assert.Contains(("learning_rate", 1, 0.001), Charts.Invocations["append"].SelectMany(Sent));
    }

    [Fact]
    public void Smoothing_and_axis_come_from_the_address()
    {
        ShowJob(JobStatus.InProgress, "?smoothing=0.5&axis=time");

        Assert.Equal("true", Page.FindAll(".switch-pair button").Single(button => Text(button) == "Time").GetAttribute("aria-pressed"));
        Click("Step");
        Assert.DoesNotContain("axis", Address, StringComparison.Ordinal);
        Assert.Contains("smoothing=0.5", Address, StringComparison.Ordinal);
    }

    /// <summary>What a call of the charts' script brought: name, step and value of each point.</summary>
    private static IEnumerable<(string Name, int Step, double Value)> Sent(JSRuntimeInvocation call)
    {
        IReadOnlyList<string> names = (IReadOnlyList<string>)call.Arguments[1]!;
        IReadOnlyList<int> counts = (IReadOnlyList<int>)call.Arguments[2]!;
        byte[] packed = (byte[])call.Arguments[3]!;
        int at = 0;
        for (int i = 0; i < names.Count; i++)
        {
            for (int point = 0; point < counts[i]; point++)
            {
                yield return (names[i], BitConverter.ToInt32(packed, at + (4 * point)), BitConverter.ToDouble(packed, at + (4 * counts[i]) + (8 * point)));
            }

            at += 12 * counts[i];
        }
    }

    [Fact]
    public void Stop_asks_first()
    {
        ShowJob(JobStatus.InProgress);

        Click("Stop job");
        Assert.Empty(Jobs.Stopped);
        Click("Stop");

        Page.WaitForAssertion(() => Assert.Equal(["j1"], Jobs.Stopped));
        Page.WaitForAssertion(() => Assert.Equal("Stopping", Text(Page.Find("[role=status]"))));
    }

    [Fact]
    public void A_job_goes_on_when_the_question_is_answered_with_no()
    {
        ShowJob(JobStatus.InProgress);

        Click("Stop job");
        Click("Keep running");

        Assert.Empty(Jobs.Stopped);
    }

    [Fact]
    public async Task A_completed_job_offers_to_deploy_its_model()
    {
        Models.All.Add(SampleJob.MakeModel("m1"));
        ShowJob(JobStatus.InProgress);
        Assert.Null(FindButton("Deploy for on-demand"));
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed, "m1");
        await Jobs.News.TellAsync();

        Click("Deploy for on-demand");
        Type("Deployment name", "demo");
        Type("Description", "for the demo");
        Click("Deploy");

        Page.WaitForAssertion(() => Assert.Equal(("m1", "demo", "for the demo", null), Assert.Single(Deployments.Requests.Select(request => (request.ModelId, request.Name, request.Description, request.Step)))));
        Page.WaitForAssertion(() => Assert.Equal("/playground?tuned=deployment%3Ad1", Page.FindAll("a").Single(link => Text(link) == "Test in playground").GetAttribute("href")));
    }

    [Fact]
    public void A_refused_deployment_says_why_and_keeps_what_was_typed()
    {
        Models.All.Add(SampleJob.MakeModel("m1"));
        Deployments.Refuse = "Deployment name: there is a deployment \"demo\" already; choose another name.";
        ShowJob(JobStatus.Completed, modelId: "m1");

        Click("Deploy for on-demand");
        Type("Deployment name", "demo");
        Click("Deploy");

        Page.WaitForAssertion(() => Assert.Contains("already", ErrorOf("Deployment name")));
        Assert.Equal("demo", Field("Deployment name").GetAttribute("value"));
    }

    [Fact]
    public void A_job_that_is_gone_says_so()
    {
        Show<JobPage>("/jobs/gone", ("Id", "gone"));

        Assert.Equal("This job does not exist", Headings("h1").Single());
    }

    [Fact]
    public async Task A_page_that_is_left_no_longer_listens()
    {
        ShowJob(JobStatus.InProgress);
        Assert.Equal(1, Jobs.News.Listeners);

        await DisposeComponentsAsync();

        Assert.Equal(0, Jobs.News.Listeners);
    }

    private void ShowJob(JobStatus status, string query = "", string? modelId = null)
    {
        Jobs["j1"] = SampleJob.Make("j1", status, modelId);
        Show<JobPage>("/jobs/j1" + query, ("Id", "j1"));
        Assert.NotNull(Page.FindComponent<PhaseStepper>());
    }
}
