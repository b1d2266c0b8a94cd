using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Layout;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>What the bar above every page says of the job that runs.</summary>
public sealed class RunningJobTests : PageContext
{
    [Fact]
    public void Where_nothing_runs_there_is_nothing()
    {
        Jobs["a"] = SampleJob.Make("a", JobStatus.Completed);
        Jobs["b"] = SampleJob.Make("b", JobStatus.Queued);
        Show<RunningJob>("/");

        Assert.Empty(Page.FindAll("a"));
    }

    [Fact]
    public void It_says_name_steps_time_left_and_how_many_wait_and_leads_to_the_job()
    {
        Jobs["a"] = SampleJob.Make("a");
        Jobs["b"] = SampleJob.Make("b", JobStatus.Queued);
        Show<RunningJob>("/");

        Assert.Equal("/jobs/a", Page.Find("a").GetAttribute("href"));
        Assert.Equal("Job arith: In progress, step 12 of 40, about 2 min 5 s left, 1 queued", Page.Find("a").GetAttribute("aria-label"));
        Assert.Equal("width: 30%", Page.Find(".running-bar span").GetAttribute("style"));
    }

    [Fact]
    public async Task It_follows_the_job_and_goes_with_it()
    {
        Jobs["a"] = SampleJob.Make("a");
        Jobs["a"] = Jobs["a"] with { Summary = Jobs["a"].Summary with { Phase = JobPhase.DataProcessing, StepsDone = 0, TotalSteps = 0, TimeLeft = null } };
        Show<RunningJob>("/");
        Assert.Equal("Job arith: Data processing", Page.Find("a").GetAttribute("aria-label"));

        Jobs["a"] = SampleJob.Make("a");
        await Jobs.News.TellAsync();
        Assert.Contains("step 12 of 40", Page.Find("a").GetAttribute("aria-label"), StringComparison.Ordinal);

        Jobs["a"] = SampleJob.Make("a", JobStatus.Completed);
        await Jobs.News.TellAsync();
        Assert.Empty(Page.FindAll("a"));
    }

    [Fact]
    public async Task News_that_change_nothing_of_it_draw_nothing()
    {
        Jobs["a"] = SampleJob.Make("a");
        Show<RunningJob>("/");
        int drawn = Page.FindComponent<RunningJob>().RenderCount;

        Jobs["other"] = SampleJob.Make("other", JobStatus.Completed);
        await Jobs.News.TellAsync();

        Assert.Equal(drawn, Page.FindComponent<RunningJob>().RenderCount);
    }
}
