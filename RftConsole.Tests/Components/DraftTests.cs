using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Web.Components.Drafts;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>What is typed in the wizard outlives the page's connection and the console's restart.</summary>
public sealed class DraftTests : PageContext
{
    [Fact]
    public void What_is_typed_is_kept_in_the_browser_and_gone_once_the_job_is_created()
    {
        Show<CreateJobPage>("/jobs/create");

        Type("Job name", "arith");

        Page.WaitForAssertion(() => Assert.Contains("\"name\":\"arith\"", (string)Drafts.Invocations["keep"][^1].Arguments[2]!, StringComparison.Ordinal));
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
        Assert.Equal("job", Assert.Single(Drafts.Invocations["forget"]).Arguments[0]);
    }

    [Fact]
    public void A_page_that_was_loaded_again_has_its_form_back()
    {
        Found(new(Filled(), "", true));

        Show<CreateJobPage>("/jobs/create?section=details");

        Page.WaitForAssertion(() => Assert.Equal("kept", Field("Job name").GetAttribute("value")));
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
        Assert.Equal((4, "print-first", "demo"), (Jobs.Created[0].Hyperparameters.TrainingSamplePerPrompt, Jobs.Created[0].CustomModelName, Jobs.Created[0].Tags["team"]));
    }

    [Fact]
    public void Starting_over_gives_the_form_that_there_was_at_first()
    {
        Found(new(Filled(), "", true));
        Show<CreateJobPage>("/jobs/create");
        Page.WaitForAssertion(() => Assert.Equal("kept", Field("Job name").GetAttribute("value")));

        Click("Start over");

        Page.WaitForAssertion(() => Assert.Equal("", Field("Job name").GetAttribute("value") ?? ""));
    }

    [Fact]
    public void Whoever_comes_anew_begins_anew_and_can_bring_the_draft_back()
    {
        Found(new(Filled(), "", false));
        Show<CreateJobPage>("/jobs/create");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Bring it back")));
        Assert.Equal("", Field("Job name").GetAttribute("value") ?? "");

        Click("Bring it back");

        Page.WaitForAssertion(() => Assert.Equal("kept", Field("Job name").GetAttribute("value")));
    }

    [Fact]
    public void A_draft_of_another_beginning_is_not_taken_by_itself()
    {
        Found(new(Filled(), "from-elsewhere", true));

        Show<CreateJobPage>("/jobs/create?model=starter");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Bring it back")));
    }

    [Fact]
    public void A_draft_of_another_version_of_the_console_is_dropped()
    {
        Found(new("{\"unknown\":true}", "", true));

        Show<CreateJobPage>("/jobs/create");

        Page.WaitForAssertion(() => Assert.Single(Drafts.Invocations["forget"]));
        Type("Job name", "still-usable");
        Assert.Null(FindButton("Bring it back"));
    }

    [Fact]
    public async Task Every_field_of_the_form_comes_back()
    {
        JobForm form = new() { Name = "all", Description = "Words", OutputS3Uri = "s3://bucket/out/", Network = NetworkMode.Hosts, NetworkHosts = "judge.example:443", EncryptionKey = "vault", ValidationPercent = 20, Source = TrainingSource.Upload };
        form.Choices = form.Choices with { LossType = LossType.Grpo, EarlyStopping = false };
        form["learningRate"] = 0.003;
        form["epochCount"] = null;
        form.Reward.TakeSpecification(new() { Type = RewardFunctionSpecification.ModelAsJudge, Instructions = "Judge {completion}." });
        form.Reward.Code = "def lambda_handler(event, context): ...";

        JobForm back = await RestoreAsync(form);

        Assert.Equal(JobFormDraft.Write(form), JobFormDraft.Write(back));
        Assert.Equal("Judge {completion}.", back.Reward.ToSpecification().Instructions);
        Assert.Equal((0.003, (double?)null, LossType.Grpo), (back["learningRate"], back["epochCount"], back.Choices.LossType));
    }

    [Fact]
    public async Task Code_comes_back_as_the_code_that_grades()
    {
        JobForm form = new() { Name = "code" };
        form.Reward.TakeCode("def lambda_handler(event, context): return []", "numpy");

        JobForm back = await RestoreAsync(form);

        Assert.True(back.Reward.IsOwnCode);
        Assert.Equal((form.Reward.Code, "numpy"), (back.Reward.Code, back.Reward.Requirements));
    }

    [Fact]
    public void A_record_that_was_being_edited_comes_back_with_its_dialog_and_goes_when_it_is_saved()
    {
        Versions.Add("up-1", "train.jsonl", """{"messages":[{"role":"user","content":"first"}]}""");
        Drafts.Setup<KeptDraft?>("find", "record-up-1-1").SetResult(new("""{"messages":[{"role":"user","content":"typed"}]}""", "", false));
        Show<DataSetPage>("/datasets/up-1", ("Id", "up-1"));
        Click("Edit line 1");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Bring it back")));

        Click("Bring it back");
        Page.WaitForAssertion(() => Assert.Contains("typed", Page.FindAll("textarea").Single().GetAttribute("value"), StringComparison.Ordinal));
        Click("Save as new version");

        Page.WaitForAssertion(() => Assert.Equal("record-up-1-1", Assert.Single(Drafts.Invocations["forget"]).Arguments[0]));
    }

    [Fact]
    public void What_is_typed_about_a_deployment_is_kept_and_its_cancellation_forgets_it()
    {
        Models.All.Add(SampleJob.MakeModel("m1"));
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed, "m1");
        Show<JobPage>("/jobs/j1", ("Id", "j1"));
        Click("Deploy for on-demand");

        Type("Description", "Sums of apples");

        Page.WaitForAssertion(() => Assert.Contains("Sums of apples", (string)Drafts.Invocations["keep"][^1].Arguments[2]!, StringComparison.Ordinal));
        Click("Cancel");
        Page.WaitForAssertion(() => Assert.Equal("deploy-m1", Assert.Single(Drafts.Invocations["forget"]).Arguments[0]));
    }

    private static string Filled()
    {
        JobForm form = new() { Name = "kept", CustomModelName = "print-first" };
        form["trainingSamplePerPrompt"] = 4;
        form.Tags.Add(new() { Key = "team", Value = "demo" });
        return JobFormDraft.Write(form);
    }

    private async Task<JobForm> RestoreAsync(JobForm form)
    {
        JobForm back = new();
        await JobFormDraft.RestoreAsync(JobFormDraft.Write(form), back, DataSets, RewardLibrary, Xunit.TestContext.Current.CancellationToken);
        return back;
    }

    private void Found(KeptDraft draft) => Drafts.Setup<KeptDraft?>("find", "job").SetResult(draft);
}
