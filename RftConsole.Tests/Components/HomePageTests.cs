using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>The overview.</summary>
public sealed class HomePageTests : PageContext
{
    [Fact]
    public void An_empty_console_leads_to_the_first_job()
    {
        Show<HomePage>("/");
        Assert.Equal("Custom models", Headings("h1").Single());
        Assert.Contains("Train your first model", Page.Markup);

        Assert.Equal(["/samples/arithmetic", "/samples"], Page.FindAll(".empty-state a").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public void Create_leads_to_the_wizard()
    {
        Show<HomePage>("/");

        Click("Create");

        Assert.Equal("/jobs/create", Address);
    }

    [Fact]
    public void Models_and_jobs_are_listed_with_links_to_their_pages()
    {
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed, "m1");
        Models.All.Add(SampleJob.MakeModel("m1"));
        Show<HomePage>("/");

        Assert.Equal(["/models/m1", "/jobs/j1", "/jobs/j1"], Page.FindAll("tbody a").Select(link => link.GetAttribute("href")));
        Assert.Equal("31 % → 81 %", Text(Page.Find(".change")));
    }

    [Fact]
    public async Task A_job_that_is_created_elsewhere_appears()
    {
        Show<HomePage>("/");
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Queued);

        await Jobs.News.TellAsync();

        Assert.Equal("Queued", Text(Page.Find(".status")));
    }
}
