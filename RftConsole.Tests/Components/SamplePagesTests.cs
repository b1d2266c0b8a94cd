using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Gallery;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;
using RftConsole.Web.Samples;

namespace RftConsole.Tests.Components;

/// <summary>The sample tasks: their pages, their jobs, and what the home page makes of them.</summary>
public sealed class SamplePagesTests : PageContext
{
    [Fact]
    public void Every_task_has_a_card_that_leads_to_its_story()
    {
        Show<SamplesPage>("/samples");

        Assert.Equal(SampleTasks.All.Select(task => "/samples/" + task.Data.Name), Page.FindAll("h2 a").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public void Start_this_job_creates_the_job_of_the_task_under_a_free_name_and_leads_to_it()
    {
        string name = SampleTasks.All[0].Data.Name;
        Show<SamplePage>("/samples/" + name, ("Name", name));

        Click("Start this job");

        var job = Assert.Single(Jobs.Created);
        Assert.Equal("sample-" + name, job.Name);
        Assert.Equal(name, job.TrainingData.SampleData);
        Assert.Equal(name, job.Tags[SampleJobs.Tag]);
        Assert.Equal(SampleTasks.Of(name).RewardFunction, job.RewardFunction);
        Assert.StartsWith("/jobs/", Address);
    }

    [Fact]
    public void A_task_that_there_is_not_leads_back_to_those_that_there_are()
    {
        Show<SamplePage>("/samples/none", ("Name", "none"));

        Assert.Contains("There is no sample task", Page.Markup);
        Assert.Equal("/samples", Page.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void The_home_page_says_what_to_do_next_and_removes_ended_sample_jobs_with_one_click()
    {
        Jobs["j1"] = Sample(SampleJob.Make("j1", JobStatus.Completed, "m1"));
        Jobs["j2"] = SampleJob.Make("j2", JobStatus.Completed, "m2");
        Models.All.Add(SampleJob.MakeModel("m1"));
        Show<HomePage>("/");
        Assert.Equal([true, true, false, false], Page.FindAll(".checklist li").Select(item => item.ClassList.Contains("done")));

        Click("Remove the sample job");

        Page.WaitForAssertion(() => Assert.Empty(Page.FindAll(".checklist")));
        Assert.DoesNotContain("j1", Page.Markup);
        Assert.Contains("/jobs/j2", Page.Markup);
        Assert.Empty(Models.All);
    }

    private static JobDetails Sample(JobDetails job) => job with { Summary = job.Summary with { Tags = new Dictionary<string, string> { [SampleJobs.Tag] = "arithmetic" } } };
}
