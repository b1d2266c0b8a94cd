using System.Text;

using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;

namespace RftConsole.Tests.Rewards;

/// <summary>What every template brings with it.</summary>
public sealed class RewardTemplateTests
{
    private static readonly Dictionary<string, (RewardKind Kind, string Title)> s_contract = new()
    {
        ["math-reasoning"] = (RewardKind.CustomCode, "Mathematical reasoning with ground truth verification"),
        ["format-constraints"] = (RewardKind.CustomCode, "Format validation and constraint checking"),
        ["generic-grader"] = (RewardKind.CustomCode, "Generic grader with boilerplate code"),
        ["instruction-following"] = (RewardKind.ModelAsJudge, "Instruction following"),
        ["summarization"] = (RewardKind.ModelAsJudge, "Summarization (multi-turn dialogs)"),
        ["reasoning-evaluation"] = (RewardKind.ModelAsJudge, "Reasoning evaluation (chain of thought for specialised domains)"),
        ["rag-faithfulness"] = (RewardKind.ModelAsJudge, "RAG faithfulness (context-grounded Q&A)"),
    };

    public static TheoryData<string> Names => [.. RewardTemplates.All.Select(template => template.Name)];

    public static TheoryData<string> CustomCode => [.. RewardTemplates.Of(RewardKind.CustomCode).Select(template => template.Name)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Names_kinds_and_titles_are_those_of_the_contract()
    {
        Assert.Equal(RewardTemplates.All.Count, RewardTemplates.All.Select(template => template.Name).Distinct().Count());
        Assert.All(
            RewardTemplates.All.Where(template => s_contract.ContainsKey(template.Name)),
            template => Assert.Equal(s_contract[template.Name], (template.Kind, template.Title)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_template_has_a_description_a_page_of_documentation_and_examples_that_can_be_trained_on(string name)
    {
        RewardTemplate template = RewardTemplates.Find(name)!;

        Assert.NotEmpty(template.Description);
        Assert.StartsWith("# " + template.Title + "\n", template.Documentation, StringComparison.Ordinal);
        using MemoryStream file = new(Encoding.UTF8.GetBytes(string.Join('\n', template.Examples)));
        DatasetReport report = TrainingRecordReader.Read(file, name, Token);
        Assert.Empty(report.Rejected);
        Assert.Equal(template.Examples.Count, report.Accepted.Count);
        Assert.NotEmpty(report.Accepted);
    }

    [Theory]
    [MemberData(nameof(CustomCode))]
    public async Task A_template_of_custom_code_is_not_gameable_on_its_own_examples(string name)
    {
        RewardTemplate template = RewardTemplates.Find(name)!;
        using MemoryStream file = new(Encoding.UTF8.GetBytes(string.Join('\n', template.Examples)));
        await using IRewardFunction reward = await RewardFunctions.CreateAsync(new() { Template = name }, ".", new(), Token);

        ProbeReport report = await RewardProbes.RunAsync(reward, TrainingRecordReader.Read(file, name, Token).Accepted, Token);

        Assert.Empty(report.Findings);
    }
}
