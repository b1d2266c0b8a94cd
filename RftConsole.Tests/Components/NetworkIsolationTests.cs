using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Network;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>Network isolation in the wizard and on a job's page.</summary>
public sealed class NetworkIsolationTests : PageContext
{
    [Fact]
    public void The_wizard_makes_a_job_that_may_call_the_named_hosts_only()
    {
        Show<CreateJobPage>("/jobs/create?section=additional");
        Choose("These hosts only, also for reward code");
        Type("Allowed hosts", "judge.example");
        Assert.Equal("\"judge.example\" lacks its port; write it as judge.example:443", ErrorOf("Allowed hosts"));
        Type("Allowed hosts", "judge.example:443\n10.0.0.7:9000\n");
        Assert.Null(ErrorOf("Allowed hosts"));

        Create();

        Assert.Equal(new NetworkIsolation { Mode = NetworkMode.Hosts, Hosts = ["judge.example:443", "10.0.0.7:9000"] }, Assert.Single(Jobs.Created).NetworkIsolation);
    }

    [Fact]
    public void Without_a_choice_a_job_says_nothing_of_its_network()
    {
        Show<CreateJobPage>("/jobs/create?section=additional");
        Create();
        Assert.Null(Assert.Single(Jobs.Created).NetworkIsolation);
    }

    [Fact]
    public void The_job_page_shows_the_mode_and_what_was_refused()
    {
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed) with { RefusedCalls = [new("evil.example:443", Callers.RewardCode, DateTimeOffset.UtcNow, 12)] };
        Jobs["j1"] = Jobs["j1"] with { Specification = Jobs["j1"].Specification with { NetworkIsolation = new() { Mode = NetworkMode.Hosts, Hosts = ["judge.example:443"] } } };
        Show<JobPage>("/jobs/j1?tab=configuration", ("Id", "j1"));

        Page.WaitForAssertion(() => Assert.Contains("these hosts only: judge.example:443", Page.Markup, StringComparison.Ordinal));
        Assert.Equal(["evil.example:443", "reward code", "12"], Page.FindAll("table[aria-labelledby=refused-calls] tbody td").Select(Text).Take(3));
    }

    private void Choose(string label) => Page.FindAll("input[type=radio]").Single(radio => radio.ParentElement!.ParentElement!.TextContent.Trim() == label).Click();

    private void Create()
    {
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "isolated");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
    }
}
