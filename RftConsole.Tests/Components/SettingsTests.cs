using Bunit;

using RftConsole.Web.Components.Pages;
using RftConsole.Web.Components.Settings;

namespace RftConsole.Tests.Components;

/// <summary>Defaults, threads and the data folder in the settings.</summary>
public sealed class SettingsTests : PageContext
{
    [Fact]
    public void Defaults_are_saved_as_they_were_typed()
    {
        Show<HyperparameterDefaultsPanel>("/settings");
        Type("Training samples per prompt", "4");
        Type("Learning rate", "0.002");

        Click("Save defaults");

        Page.WaitForAssertion(() => Assert.Contains("The defaults are saved.", Page.Markup, StringComparison.Ordinal));
        Assert.Equal((4, 0.002), (Settings.Defaults.TrainingSamplePerPrompt, Settings.Defaults.LearningRate));
    }

    [Fact]
    public void The_defaults_are_what_the_wizard_begins_with_and_the_job_gets()
    {
        Settings.Defaults = new() { TrainingSamplePerPrompt = 4, LearningRate = 0.002 };
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "arith");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
        Assert.Equal((4, 0.002, (int?)null), (Jobs.Created[0].Hyperparameters.TrainingSamplePerPrompt, Jobs.Created[0].Hyperparameters.LearningRate, Jobs.Created[0].Hyperparameters.BatchSize));
    }

    [Fact]
    public void A_default_out_of_range_says_so_and_is_not_saved()
    {
        Show<HyperparameterDefaultsPanel>("/settings");

        Type("Training samples per prompt", "65");

        Page.WaitForAssertion(() => Assert.Equal("Enter a value from 2 to 64.", ErrorOf("Training samples per prompt")));
        Assert.True(FindButton("Save defaults")!.HasAttribute("disabled"));
    }

    [Fact]
    public void Defaults_go_back_to_the_engines_own()
    {
        Settings.Defaults = new() { TrainingSamplePerPrompt = 4 };
        Show<HyperparameterDefaultsPanel>("/settings");
        Assert.Equal("4", Field("Training samples per prompt").GetAttribute("value"));

        Click("Back to the engine's own");

        Page.WaitForAssertion(() => Assert.Equal("8", Field("Training samples per prompt").GetAttribute("value")));
    }

    [Fact]
    public void Another_number_of_threads_waits_for_the_next_start_and_says_so()
    {
        Show<ThreadsPanel>("/settings");
        Type("Threads", "3");
        Click("Save threads");
        Page.WaitForAssertion(() => Assert.Contains("3 is outside 1 to 2", Page.Markup, StringComparison.Ordinal));

        Type("Threads", "1");
        Click("Save threads");

        Page.WaitForAssertion(() => Assert.Contains("1 from the next start of the console on.", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void The_data_folder_is_shown_by_kind_and_what_is_spare_can_go()
    {
        Show<DataFolderPanel>("/settings");
        Page.WaitForAssertion(() => Assert.Equal(["Jobs", "2", "3 MB"], Page.FindAll("tbody tr")[0].Children.Select(Text)));
        Assert.True(FindButton("Delete leftovers")!.HasAttribute("disabled"));

        Click("Delete spare checkpoints");

        Page.WaitForAssertion(() => Assert.Equal("2 MB freed.", Text(Page.Find("[role=status]"))));
        Assert.Equal(["checkpoints"], Settings.Cleaned);
        Assert.True(FindButton("Delete spare checkpoints")!.HasAttribute("disabled"));
    }

    [Fact]
    public void A_refused_clean_up_says_why()
    {
        Show<DataFolderPanel>("/settings");

        Click("Compact the database");

        Page.WaitForAssertion(() => Assert.Contains("A job runs", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_entry_of_the_navigation_has_its_section()
    {
        Show<SettingsNav>("/settings");

        // The sections stand in panels of their own; their headings carry the anchors.
        string[] anchors = [.. Page.FindAll("a").Select(link => link.GetAttribute("href")!["/settings#".Length..])];
        string markup = string.Concat(Repository.RepositoryFolder.Files("RftConsole.Web/Components", ".razor").Select(File.ReadAllText));
        Assert.All(anchors, anchor => Assert.Contains($"<h2 id=\"{anchor}\"", markup, StringComparison.Ordinal));
    }
}
