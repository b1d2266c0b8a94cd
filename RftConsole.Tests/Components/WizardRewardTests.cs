using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>The library in the wizard.</summary>
public sealed class WizardRewardTests : PageContext
{
    private readonly RewardEntry _entry;

    public WizardRewardTests()
    {
        RewardCode.Kept["/one.py"] = "# one";
        RewardCode.Kept["/two.py"] = "# two";
        _entry = RewardLibrary.Add("mine", new RewardFunctionSpecification { File = "/one.py" }, new RewardFunctionSpecification { File = "/two.py" });
    }

    [Fact]
    public void A_function_of_the_library_is_used_in_its_latest_version_and_the_use_is_remembered()
    {
        Show<CreateJobPage>($"/jobs/create?reward={_entry.Reward.Id}");
        CreateNamed("by-library");

        Assert.Equal("/two.py", Assert.Single(Jobs.Created).RewardFunction.File);
        Page.WaitForAssertion(() => Assert.Equal([(Address["/jobs/".Length..], _entry.Latest.Id)], RewardLibrary.Uses));
    }

    [Fact]
    public void The_section_lists_the_library_and_shows_the_code_of_what_is_chosen()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");

        Page.FindAll(".mud-select").First(select => select.TextContent.Contains("Saved reward function", StringComparison.Ordinal)).QuerySelector(".mud-input-control")!.MouseDown();
        Page.WaitForAssertion(() => Assert.NotEmpty(Page.FindAll(".mud-list-item")));
        Page.FindAll(".mud-list-item").First(item => Text(item) == "mine, version 2").Click();

        Page.WaitForAssertion(() => Assert.Equal("# two", Page.Find("[aria-label='mine, version 2'] code").TextContent));
    }

    [Fact]
    public void A_clone_runs_the_version_that_its_original_ran()
    {
        JobDetails earlier = SampleJob.Make("one");
        Jobs["one"] = earlier with { Specification = earlier.Specification with { RewardFunction = new() { File = "/jobs/one/reward.py" } } };
        RewardLibrary.UsedBy["one"] = new(_entry.Reward.Id, "mine", 1);

        Show<CreateJobPage>("/jobs/create?from=one");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Page.WaitForAssertion(() => Assert.Equal("/one.py", Assert.Single(Jobs.Created).RewardFunction.File));
        Page.WaitForAssertion(() => Assert.Equal(_entry.Versions[1].Id, Assert.Single(RewardLibrary.Uses).VersionId));
    }

    [Fact]
    public void A_deleted_function_is_said_and_a_template_takes_its_place()
    {
        Show<CreateJobPage>("/jobs/create?reward=gone&section=reward");

        Assert.Contains("This reward function has been deleted", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Saved_code_that_cannot_be_used_makes_no_job()
    {
        Show<CreateJobPage>($"/jobs/create?reward={_entry.Reward.Id}");
        RewardCode.Problem = new("the file defines no function lambda_handler(event, context)", null, null);

        CreateNamed("by-library");

        Assert.Empty(Jobs.Created);
        Assert.Contains("defines no function lambda_handler", Page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
    }

    private void CreateNamed(string name)
    {
        Type("Job name", name);
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
    }
}
