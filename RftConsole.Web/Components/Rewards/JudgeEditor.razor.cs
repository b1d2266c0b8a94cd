using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Judge;
using RftConsole.Training.Text;

namespace RftConsole.Web.Components.Rewards;

/// <summary>Edits a model as judge: who judges, by which instructions and criteria.</summary>
public sealed partial class JudgeEditor
{
    private static readonly RewardSample s_example = new("example:0", [new ChatMessage("user", "How many legs have 3 spiders?"), new ChatMessage("assistant", "3 × 8 = 24 legs.")], JsonValue.Create("24"), []);

    /// <summary>What is offered first; people change the words.</summary>
    private static readonly RubricCriterion[] s_commonCriteria =
    [
        new() { Name = "correct", Description = "What it says is correct; where there is a reference answer, it agrees with it." },
        new() { Name = "complete", Description = "It answers all of what was asked." },
        new() { Name = "concise", Description = "It holds nothing that was not asked for." },
    ];

    /// <summary>What is edited.</summary>
    [Parameter, EditorRequired]
    public required RewardFunctionSpecification Value { get; set; }

    /// <summary>Raised with the edited one.</summary>
    [Parameter]
    public EventCallback<RewardFunctionSpecification> ValueChanged { get; set; }

    private string Text => Value.Instructions ?? RewardTemplates.Find(Value.Template)?.Instructions ?? "";

    private IReadOnlyList<RubricCriterion> Criteria => Value.Rubric?.Criteria ?? [];

    private JudgeLimits Limits => Value.Limits ?? new();

    private JudgeScoring Scoring => Value.Scoring ?? (Value.JudgeModel?.BaseUrl is null ? JudgeScoring.Probability : JudgeScoring.Json);

    private IReadOnlyList<string> Questions => new JudgePrompt(Text.Length == 0 ? null : Text, Value.Rubric, Scoring).Questions(s_example);

    private static string CallsTitle(string? calls) => calls switch
    {
        nameof(RubricCalls.One) => L["One call for all criteria"],
        nameof(RubricCalls.Each) => L["One call for each criterion"],
        _ => L["As the scoring needs"],
    };

    private string ScoringTitle(string? scoring) => scoring switch
    {
        nameof(JudgeScoring.Probability) => L["Probability of yes over no"],
        nameof(JudgeScoring.Json) => L["Generated JSON with score and reasoning"],
        _ => L["Default: {0}", ScoringTitle((Value.JudgeModel?.BaseUrl is null ? JudgeScoring.Probability : JudgeScoring.Json).ToString())],
    };

    private Task SetAsync(RewardFunctionSpecification value) => ValueChanged.InvokeAsync(value);

    private Task SetScoringAsync(string? scoring) => SetAsync(Value with { Scoring = Enum.TryParse(scoring, out JudgeScoring chosen) ? chosen : null });

    private Task SetCallsAsync(string? calls) => SetAsync(Value with { Rubric = Value.Rubric! with { Calls = Enum.TryParse(calls, out RubricCalls chosen) ? chosen : null } });

    /// <summary>A template stays one until somebody changes a word; without a word the rubric says all.</summary>
    private Task SetInstructionsAsync(string? text)
    {
        if ((text ?? "") == Text)
        {
            return Task.CompletedTask;
        }

        return SetAsync(Value with { Template = null, Instructions = string.IsNullOrWhiteSpace(text) ? null : text });
    }

    private Task ReplaceAsync(int index, RubricCriterion criterion) => SetCriteriaAsync([.. Criteria.Select((other, at) => at == index ? criterion : other)]);

    private Task AddCriterionAsync()
    {
        RubricCriterion next = s_commonCriteria.FirstOrDefault(common => Criteria.All(criterion => criterion.Name != common.Name))
            ?? new() { Name = Enumerable.Range(Criteria.Count + 1, Criteria.Count + 1).Select(number => $"criterion_{number}").First(name => Criteria.All(criterion => criterion.Name != name)), Description = "It …" };
        return SetCriteriaAsync([.. Criteria, next]);
    }

    private Task SetCriteriaAsync(IReadOnlyList<RubricCriterion> criteria) =>
        SetAsync(Value with { Rubric = criteria.Count == 0 ? null : (Value.Rubric ?? new() { Criteria = [] }) with { Criteria = criteria } });
}
