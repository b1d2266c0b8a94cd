using System.Text.Json.Nodes;

using AngleSharp.Dom;

using Bunit;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Text;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>Dry run and probes on the page of a reward function.</summary>
public sealed class RewardLabTests : PageContext
{
    private const string Markup = "<img src=x onerror=alert(1)>";

    private readonly RewardEntry _entry;

    public RewardLabTests()
    {
        RewardCode.Kept["/one.py"] = "# one";
        _entry = RewardLibrary.Add("mine", new RewardFunctionSpecification { File = "/one.py" });
    }

    [Fact]
    public void A_dry_run_shows_figures_meaning_and_every_response_as_text()
    {
        RewardTrial.DryRun = (_, _) => Task.FromResult(Report());
        ShowPage();

        Click("Start dry run");

        Page.WaitForAssertion(() => Assert.Contains("50 % of the groups have spread", Page.Find("[aria-label='What it means']").TextContent, StringComparison.Ordinal));
        Assert.Contains("Groups without spread", Page.Find(".dry-run-figures").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(Page.FindAll("svg[role=img] rect"));
        Assert.Contains(Page.FindAll(".graded pre"), pre => pre.TextContent == Markup);
        Assert.Contains(Page.FindAll(".graded pre"), pre => pre.TextContent == "printed " + Markup);
        Assert.Empty(Page.FindAll("img"));
        Assert.Contains("quality 0.5", Page.Find(".graded .tag").TextContent, StringComparison.Ordinal);
        (RewardFunctionSpecification reward, ResponseSource source) = Assert.Single(RewardTrial.DryRuns);
        Assert.Equal("# one", RewardCode.Kept[reward.File!]);
        Assert.Equal((8, 4), source is ModelResponses model ? (model.Prompts, model.GroupSize) : default);
    }

    [Fact]
    public void Progress_is_shown_and_a_cancel_ends_it()
    {
        IProgress<TrialProgress>? told = null;
        RewardTrial.DryRun = (_, progress) =>
        {
            told = progress;
            return new TaskCompletionSource<DryRunReport>().Task;
        };
        ShowPage();
        Click("Start dry run");
        Page.WaitForAssertion(() => Assert.NotNull(told));
        told!.Report(new("The model answers", 8, 32));
        Page.WaitForAssertion(() => Assert.Equal("The model answers: 8 of 32", Text(Status("Dry run"))));
        Assert.Equal("8", Page.Find("[role=progressbar][aria-label='The model answers']").GetAttribute("aria-valuenow"));

        Click("Cancel");

        Page.WaitForAssertion(() => Assert.Equal("Cancelled.", Text(Status("Dry run"))));
        Assert.NotNull(FindButton("Start dry run"));
    }

    [Fact]
    public void What_cannot_be_run_is_said_and_can_be_tried_again()
    {
        RewardTrial.DryRun = (_, _) => Task.FromException<DryRunReport>(new UserInputException("The reward function reward.py cannot be used: no module named 'boto3'."));
        ShowPage();

        Click("Start dry run");

        Page.WaitForAssertion(() => Assert.Contains("no module named 'boto3'", Page.Find(".mud-alert").TextContent, StringComparison.Ordinal));
        Assert.NotNull(FindButton("Start dry run"));
    }

    [Fact]
    public void Pasted_responses_are_parted_at_lines_of_three_hyphens()
    {
        ShowPage();
        Page.FindAll("input[type=radio]").Single(radio => radio.ParentElement!.ParentElement!.TextContent.Contains("Paste responses", StringComparison.Ordinal)).Click();
        Field("Prompt").Change("2 + 2?");
        Field("Reference answer").Change("4");
        Field("Responses").Change("four\n\n4\n---\nfive --- or six\n--- \n");

        Click("Start dry run");

        Page.WaitForAssertion(() => Assert.Single(RewardTrial.DryRuns));
        PastedResponses pasted = Assert.IsType<PastedResponses>(RewardTrial.DryRuns[0].Source);
        Assert.Equal(["four\n\n4", "five --- or six", ""], pasted.Responses);
        Assert.Equal(("2 + 2?", "4"), (pasted.Prompt, pasted.ReferenceAnswer));
    }

    [Fact]
    public void A_probe_whose_every_response_failed_is_not_called_good()
    {
        ProbeFinding finding = new(ProbeKind.ReferenceAnswer, new("The function fails on every response: {0}", "KeyError"), "r", "4", 0, null);
        RewardTrial.Outcome = Task.FromResult(new ProbeReport([finding], 12, TimeSpan.Zero)
        {
            Rows = [new(ProbeKind.ReferenceAnswer, "The reference answer", 6, 6, null, null, "4", finding), new(ProbeKind.Refusal, "A refusal", 6, 6, null, null, "I'm sorry.", null)],
        });
        ShowPage();
        Click("Run probes");

        Page.WaitForAssertion(() => Assert.Equal("not graded", Text(Page.FindAll("[aria-labelledby=probes-found] tbody tr")[1].Children[3])));
    }

    [Fact]
    public void Probes_show_what_can_be_gamed_with_the_response_that_did_it()
    {
        ProbeFinding finding = new(ProbeKind.Refusal, new("It pays {0} for a refusal.", "1"), "r", "I'm sorry.", 1, 1);
        RewardTrial.Outcome = Task.FromResult(new ProbeReport([finding], 12, TimeSpan.Zero)
        {
            Rows = [new(ProbeKind.ReferenceAnswer, "The reference answer", 6, 0, 0.5, 1, "4", null), new(ProbeKind.Refusal, "A refusal", 6, 0, 1, 1, "I'm sorry.", finding)],
        });
        ShowPage();

        Click("Run probes");

        Page.WaitForAssertion(() => Assert.Equal("The reward function can be gamed.", Text(Status("Probes"))));
        IElement row = Page.FindAll("tr").Single(row => row.TextContent.Contains("A refusal", StringComparison.Ordinal));
        Assert.Contains("can be gamed", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("I'm sorry.", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("0.5 to 1", Page.FindAll("tr").Single(row => row.TextContent.Contains("The reference answer", StringComparison.Ordinal)).TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void The_wizard_asks_before_a_job_whose_dry_run_found_no_signal()
    {
        RewardTrial.DryRun = (_, _) => Task.FromResult(new DryRunReport([Group(0, 0), Group(0, 0)], 1, TimeSpan.Zero));
        Show<CreateJobPage>($"/jobs/create?reward={_entry.Reward.Id}");
        Type("Job name", "no-signal");
        Click("Review and create");
        Page.WaitForAssertion(() => Assert.Contains("the baseline is 0 %", Page.Find(".probes").TextContent, StringComparison.Ordinal));

        Click("Create reinforcement fine-tuning job");
        Click("Start the job");

        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
    }

    [Fact]
    public void A_template_on_sample_data_is_never_asked_about_because_of_a_dry_run()
    {
        RewardTrial.DryRun = (_, _) => Task.FromResult(new DryRunReport([Group(0, 0)], 1, TimeSpan.Zero));
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "template");
        Click("Review and create");
        Page.WaitForAssertion(() => Assert.Contains("the baseline is 0 %", Page.Find(".probes").TextContent, StringComparison.Ordinal));

        Click("Create reinforcement fine-tuning job");

        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
    }

    private static DryRunReport Report()
    {
        GradedResponse graded = new(new(Markup), new("r:0", 0.5, [new("quality", 0.5, RewardMetricType.Metric)], null, "printed " + Markup));
        return new([new(Record(), [graded, new(new("better"), new("r:1", 1, [], null, ""))]), Group(0, 0)], 1, TimeSpan.FromMilliseconds(30));
    }

    private static GradedGroup Group(params double[] scores) => new(Record(), [.. scores.Select(score => new GradedResponse(new("text"), new("r", score, [], null, "")))]);

    private static TrainingRecord Record() => new("r", [new ChatMessage("user", "2 + 2?")], JsonValue.Create("4"), []);

    private IElement Status(string name) => Page.Find($"[role=status][aria-label='{name}']");

    private void ShowPage() => Show<RewardPage>("/rewards/" + _entry.Reward.Id, ("Id", _entry.Reward.Id));
}
