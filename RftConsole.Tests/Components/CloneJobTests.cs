using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.DataSets;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>The wizard, begun from an earlier job.</summary>
public sealed class CloneJobTests : PageContext
{
    [Fact]
    public void A_clone_differs_in_its_names_only()
    {
        JobSpecification first = SampleJob.Make("j1").Specification with
        {
            Description = "Sums",
            Tags = new Dictionary<string, string> { ["team"] = "demo" },
            ValidationData = new() { Share = 0.25 },
            Hyperparameters = new() { LearningRate = 3e-3, MaxSteps = 7, LossType = LossType.Grpo, LoraTargets = ["q_proj"], Seed = 5 },
        };
        JobDetails job = SampleJob.Make("j1");
        Jobs["j1"] = job with { Specification = first, Summary = job.Summary with { Tags = first.Tags } };
        Show<CreateJobPage>("/jobs/create?from=j1");

        Create();

        JobSpecification clone = Assert.Single(Jobs.Created);
        Assert.Equal("arith-2", clone.Name);
        Assert.NotEqual(first.CustomModelName, clone.CustomModelName);
        Assert.Equivalent(first with { Name = clone.Name, CustomModelName = clone.CustomModelName }, clone, strict: true);
    }

    [Fact]
    public void A_clone_has_the_tags_that_the_job_has_today()
    {
        JobDetails job = SampleJob.Make("j1");
        Jobs["j1"] = job with
        {
            Specification = job.Specification with { Tags = new Dictionary<string, string> { ["team"] = "at-first" } },
            Summary = job.Summary with { Tags = new Dictionary<string, string> { ["team"] = "today" } },
        };
        Show<CreateJobPage>("/jobs/create?from=j1");

        Create();

        Assert.Equal("today", Assert.Single(Jobs.Created).Tags["team"]);
    }

    [Fact]
    public void The_name_of_a_clone_is_free()
    {
        Jobs["j1"] = SampleJob.Make("j1");
        JobDetails second = SampleJob.Make("j2");
        Jobs["j2"] = second with { Summary = second.Summary with { Name = "arith-2", CustomModelName = "other" } };
        JobDetails third = SampleJob.Make("j3");
        Jobs["j3"] = third with { Summary = third.Summary with { Name = "other", CustomModelName = "arith-3-tuned" } };
        Show<CreateJobPage>("/jobs/create?from=j2");
        Create();

        Assert.Equal("arith-4", Jobs.Created[0].Name);
    }

    [Fact]
    public void A_clone_trains_on_the_same_uploaded_data()
    {
        UploadedDataSet set = DataSets.Add("up-1", "mine.jsonl");
        UploadedDataSet held = DataSets.Add("up-2", "held.jsonl");
        AddOwnDataJob();
        Show<CreateJobPage>("/jobs/create?from=j1");

        Create();

        Assert.Equal((set.File, held.File), (Jobs.Created[0].TrainingData.File, Jobs.Created[0].ValidationData!.File));
    }

    [Fact]
    public void Data_that_is_gone_is_said_before_anything_is_created()
    {
        AddOwnDataJob();

        Show<CreateJobPage>("/jobs/create?from=j1&section=data");

        Assert.Contains("The data set that arith was trained on has been deleted", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deleted_job_leaves_a_wizard_with_defaults()
    {
        Show<CreateJobPage>("/jobs/create?from=gone");

        Assert.Contains("The job to clone has been deleted", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_job_page_leads_there()
    {
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed);
        Show<JobPage>("/jobs/j1", ("Id", "j1"));

        Assert.NotNull(Page.Find("a[href='/jobs/create?from=j1']"));
    }

    private void AddOwnDataJob()
    {
        JobDetails job = SampleJob.Make("j1");
        Jobs["j1"] = job with
        {
            Specification = job.Specification with { TrainingData = new() { File = "/jobs/j1/inputs/training/mine.jsonl" }, ValidationData = new() { File = "/jobs/j1/inputs/validation/held.jsonl" } },
            TrainingDataSetId = "up-1",
            ValidationDataSetId = "up-2",
        };
    }

    private void Create()
    {
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
    }
}
