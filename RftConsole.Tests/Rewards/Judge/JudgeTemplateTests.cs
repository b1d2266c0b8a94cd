using System.Text;

using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Judge;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>The judges' templates keep to the advice for good judges, and judge.</summary>
public sealed class JudgeTemplateTests
{
    public static TheoryData<string> Names => [.. RewardTemplates.Of(RewardKind.ModelAsJudge).Select(template => template.Name)];

    [Fact]
    public void All_five_are_there() =>
        Assert.Equal(["instruction-following", "summarization", "reasoning-evaluation", "rag-faithfulness", "content-labels"], RewardTemplates.Of(RewardKind.ModelAsJudge).Select(template => template.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Instructions_have_a_role_a_goal_pass_or_fail_criteria_caps_and_the_form_of_the_answer(string name)
    {
        string instructions = RewardTemplates.Find(name)!.Instructions!;
        string[] paragraphs = instructions.Trim().Split("\n\n");

        Assert.StartsWith("You are ", paragraphs[0], StringComparison.Ordinal);
        Assert.StartsWith("Goal: ", paragraphs[1], StringComparison.Ordinal);
        Assert.Contains("passes or fails", instructions, StringComparison.Ordinal);
        Assert.Contains("never below 0 and never above 1", instructions, StringComparison.Ordinal);
        Assert.StartsWith("Return exactly this JSON and nothing else: {\"score\": ", paragraphs[^1], StringComparison.Ordinal);
        Assert.All(["{prompt}", "{completion}", "{reference_answer}"], placeholder => Assert.Equal(2, instructions.Split(placeholder).Length));
        // What the responses of a group have in common comes before what they have not.
        Assert.True(instructions.IndexOf("{completion}", StringComparison.Ordinal) > instructions.IndexOf("{reference_answer}", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_of_the_console_is_asked_for_yes_or_no_and_an_endpoint_for_JSON(string name)
    {
        string instructions = RewardTemplates.Find(name)!.Instructions!;
        string json = Assert.Single(new JudgePrompt(instructions, null, JudgeScoring.Json).Questions(JudgeSamples.Of("s", "RESPONSE")));
        string yes = Assert.Single(new JudgePrompt(instructions, null, JudgeScoring.Probability).Questions(JudgeSamples.Of("s", "RESPONSE")));

        Assert.Equal(2, json.Split("Return exactly this JSON").Length);
        Assert.DoesNotContain("JSON", yes, StringComparison.Ordinal);
        Assert.EndsWith("yes or no.", yes, StringComparison.Ordinal);
        Assert.Contains("RESPONSE", yes, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_template_judges_its_own_examples(string name)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        using MemoryStream file = new(Encoding.UTF8.GetBytes(string.Join('\n', RewardTemplates.Find(name)!.Examples)));
        RewardSample[] samples = [.. TrainingRecordReader.Read(file, name, token).Accepted.Select(record => RftConsole.Training.Jobs.Grading.Sample(record, 0, "ok"))];
        await using JudgeServer server = await JudgeServer.StartAsync();
        server.Answer = request => Task.FromResult(JudgeServer.Completion($$"""{"score": 0.{{request.Number + 1}}, "reasoning": "x"}"""));
        await using IRewardFunction function = await RewardFunctions.CreateAsync(
            new() { Type = "modelAsJudge", Template = name, JudgeModel = new(null, server.BaseUrl, "m"), Limits = new() { Concurrency = 1 } }, ".", new(), token);

        Assert.Equal([0.1, 0.2], (await function.ScoreAsync(samples, token)).Select(result => result.Score));
        Assert.StartsWith(name, function.Name, StringComparison.Ordinal);
    }
}
