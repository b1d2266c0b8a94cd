using Bunit;

using RftConsole.Training.Jobs;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Components.Pages;

namespace RftConsole.Tests.Components;

/// <summary>The catalogue's page.</summary>
public sealed class BaseModelsPageTests : PageContext
{
    [Fact]
    public void Every_recommended_model_has_its_cost_and_a_download()
    {
        Show<BaseModelsPage>("/base-models");
        Page.WaitForAssertion(() => Assert.Equal(8, Page.FindAll("table[aria-label='Recommended models'] tbody td[data-label=Time]").Count(cell => Text(cell) == "1 h 30 min")));

        Click("Download Qwen3 0.6B");

        Page.WaitForAssertion(() => Assert.Contains("download Qwen/Qwen3-0.6B", Catalogue.Calls));
        Page.WaitForAssertion(() => Assert.Null(FindButton("Download Qwen3 0.6B")));
    }

    [Fact]
    public void A_download_shows_how_far_it_is_and_can_be_paused_resumed_and_cancelled()
    {
        Catalogue.All.Add(Fakes.FakeBaseModels.Model("big", BaseModelStatus.Downloading) with { Progress = new(250 << 20, 1000 << 20, 10 << 20, TimeSpan.FromSeconds(75)) });
        Catalogue.All.Add(Fakes.FakeBaseModels.Model("held", BaseModelStatus.Paused));

        Show<BaseModelsPage>("/base-models");

        Assert.Equal("25", Page.Find("[aria-label='Download of big']").GetAttribute("aria-valuenow"));
        Assert.Contains("250 MB of 1000 MB · 10 MB/s · 1 min 15 s left", Page.Markup, StringComparison.Ordinal);
        Click("Pause big");
        Click("Resume held");
        Page.WaitForAssertion(() => Assert.Equal(["pause id-big", "resume id-held"], Catalogue.Calls));
    }

    [Fact]
    public void Removing_asks_first_and_names_what_depends_on_the_model()
    {
        Catalogue.All.Add(Fakes.FakeBaseModels.Model("mine", BaseModelStatus.Ready));
        Catalogue.Users = new([], ["job-1"], ["tuned-1"], ["live-1"]);
        Show<BaseModelsPage>("/base-models");

        Click("Remove mine");
        Page.WaitForAssertion(() => Assert.Contains("tuned-1. Deployments: live-1. Jobs that used it: job-1.", Page.Markup, StringComparison.Ordinal));
        Assert.Empty(Catalogue.Calls);
        Page.FindAll(".mud-dialog button").Single(button => Text(button) == "Remove").Click();

        Page.WaitForAssertion(() => Assert.Equal(["remove id-mine"], Catalogue.Calls));
    }

    [Fact]
    public void A_job_that_does_not_fit_this_machine_says_so()
    {
        Catalogue.Cost = new JobEstimate(TimeSpan.FromHours(1), 1L << 50, 1, new());

        Show<BaseModelsPage>("/base-models");

        Page.WaitForAssertion(() => Assert.Contains("this machine has", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void The_wizard_starts_with_the_model_of_the_address()
    {
        Catalogue.All.Add(Fakes.FakeBaseModels.Model("mine", BaseModelStatus.Ready));
        Show<CreateJobPage>("/jobs/create?model=mine");
        Type("Job name", "own");

        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Assert.Equal("mine", Assert.Single(Jobs.Created).BaseModel);
    }

    [Fact]
    public void A_token_is_entered_on_the_settings_panel_and_never_shown_again()
    {
        Show<RftConsole.Web.Components.Controls.HubSettingsPanel>("/settings");
        Type("Access token", "hf_secret");
        Catalogue.View = Catalogue.View with { HasToken = true };

        Click("Save token");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Remove token")));
        Assert.Equal(["token hf_secret"], Catalogue.Calls);
        Assert.DoesNotContain("hf_secret", Page.Markup, StringComparison.Ordinal);
    }
}
