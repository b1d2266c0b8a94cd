using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Web.Rewards;

/// <summary>The types of reward functions, as people read them.</summary>
public static class RewardTypes
{
    /// <summary>What can be chosen, in the order in which it is offered.</summary>
    public static IReadOnlyList<string> Available { get; } = [RewardFunctionSpecification.CustomCode, RewardFunctionSpecification.ModelAsJudge, RewardFunctionSpecification.Lambda, RewardFunctionSpecification.Weighted];

    /// <summary>The titles, by the type's name in job files.</summary>
    public static string Title(string type) => type switch
    {
        RewardFunctionSpecification.CustomCode => Phrase("Custom code (RLVR)"),
        RewardFunctionSpecification.ModelAsJudge => Phrase("Model as judge (RLAIF)"),
        RewardFunctionSpecification.Lambda => Phrase("Remote function (AWS Lambda)"),
        RewardFunctionSpecification.Weighted => Phrase("Weighted combination"),
        _ => type,
    };

    /// <summary>Whether each grade takes a call of a model or of another machine: slow, and often paid for.</summary>
    public static bool IsCostly(RewardFunctionSpecification reward) => reward.Type switch
    {
        RewardFunctionSpecification.CustomCode => false,
        RewardFunctionSpecification.Weighted => (reward.Parts ?? []).Any(part => IsCostly(part.RewardFunction)),
        _ => true,
    };

    /// <summary>What a template makes.</summary>
    public static string Title(RewardTemplate template) => Title(Of(template));

    /// <summary>The type of what a template makes.</summary>
    public static string Of(RewardTemplate template) => template.Kind == RewardKind.CustomCode ? RewardFunctionSpecification.CustomCode : RewardFunctionSpecification.ModelAsJudge;
}
