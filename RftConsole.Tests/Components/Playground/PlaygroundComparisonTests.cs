using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Datasets;
using RftConsole.Training.Text;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components.Playground;

/// <summary>The playground beyond single prompts: many validation prompts at once, and the way from the page into a program.</summary>
public sealed class PlaygroundComparisonTests : PageContext
{
    private const string Base = "base:starter";
    private const string Tuned = "deployment:d1";

    public PlaygroundComparisonTests() => Playground.Targets.Add(new PlaygroundTarget(Tuned, "demo", PlaygroundTarget.DeploymentKind, "starter"));

    [Fact]
    public void A_comparison_counts_wins_and_its_disagreements_open_in_the_columns()
    {
        AddSet();
        ComparedPrompt[] found = [Compared(0, 0, 1), Compared(1, 1, 1)];
        Comparison.Compare = (_, progress, _) =>
        {
            progress.Report(new("The models answer", 2, 4, [found[0]]));
            progress.Report(new("The models answer", 4, 4, [found[1]]));
            return Task.CompletedTask;
        };
        Show<PlaygroundPage>("/playground");

        Click("Run on 20 validation prompts");

        Page.WaitForAssertion(() => Assert.Contains("2 prompts compared.", Page.Markup));
        Assert.Equal([Base, Tuned], Assert.Single(Comparison.Requests).Targets);
        Assert.Equal(["1", "1", "0"], new[] { "Win", "Tie", "Loss" }.Select(name => Text(Page.FindAll($".win-table td[data-label={name}]")[1])));
        Click("1 + 1?");
        Page.WaitForAssertion(() => Assert.Equal(["answer of reward 0", "answer of reward 1"], Page.FindAll("[data-testid=answer]").Select(Text)));
        Assert.Equal("1 + 1?", Prompt);
        Assert.Empty(Playground.Asked);
    }

    [Fact]
    public void A_comparison_that_is_cancelled_keeps_what_it_found()
    {
        AddSet();
        Comparison.Compare = async (_, progress, cancellationToken) =>
        {
            progress.Report(new("The models answer", 2, 4, [Compared(0, 0, 1)]));
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        };
        Show<PlaygroundPage>("/playground");
        Click("Run on 20 validation prompts");
        Page.WaitForAssertion(() => Assert.Contains("The models answer: 2 of 4 answers", Page.Markup));

        Click("Cancel");

        Page.WaitForAssertion(() => Assert.Contains("Cancelled; what was compared before stands below.", Page.Markup));
        Assert.Single(Page.FindAll(".disagreements tbody tr"));
        Assert.NotNull(FindButton("Run on 2 validation prompts"));
    }

    [Fact]
    public void Code_of_a_model_that_is_not_deployed_offers_to_deploy_it()
    {
        Models.All.Add(SampleJob.MakeModel("m"));
        Playground.Targets.Add(new PlaygroundTarget("model:m", "arith", PlaygroundTarget.TunedKind, "starter") { ApiName = "arith:ckpt-step-30", ModelId = "m", Step = 30 });
        Show<PlaygroundPage>("/playground?tuned=model%3Am");
        Type("Prompt", "2 + 3?");

        Click("Code that calls Tuned");
        Page.WaitForAssertion(() => Assert.Contains("\"model\": \"arith:ckpt-step-30\"", Page.Find(".code-block").TextContent));
        Assert.Contains("curl http://localhost/v1/chat/completions", Page.Find(".code-block").TextContent);
        Click("Python");
        Assert.Contains("base_url=\"http://localhost/v1\"", Page.Find(".code-block").TextContent);
        Click("Deploy for on-demand");
        Click("Deploy");

        Page.WaitForAssertion(() => Assert.Contains("model=\"arith-tuned\"", Page.Find(".code-block").TextContent));
        Assert.Equal("m", Assert.Single(Deployments.Requests).ModelId);
    }

    private string Prompt => Field("Prompt").GetAttribute("value") ?? Field("Prompt").TextContent;

    private static ComparedPrompt Compared(int number, double first, double second) => new(number, Record(number), [FakeComparison.Answer($"answer of reward {first}", first), FakeComparison.Answer($"answer of reward {second}", second)]);

    private static TrainingRecord Record(int number) => new($"r{number}", [new ChatMessage("system", "Add."), new ChatMessage("user", $"{number + 1} + {number + 1}?")], 2 * (number + 1) + "", []);

    private void AddSet() => Comparison.Sets.Add(new(new("job:j", "arith"), [Record(0), Record(1)], new() { Template = "math-reasoning" }) { RewardName = "math", IsCostly = false, MaxTokens = 48 });
}
