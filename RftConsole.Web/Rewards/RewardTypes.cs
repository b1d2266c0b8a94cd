using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Web.Rewards;

/// <summary>The types of reward functions, as people read them.</summary>
public static class RewardTypes
{
    /// <summary>The titles, by the type's name in job files.</summary>
    public static string Title(string type) => type switch
    {
        RewardFunctionSpecification.CustomCode => "Custom code (RLVR)",
        RewardFunctionSpecification.ModelAsJudge => "Model as judge (RLAIF)",
        RewardFunctionSpecification.Lambda => "Remote function (AWS Lambda)",
        RewardFunctionSpecification.Weighted => "Weighted combination",
        _ => type,
    };

    /// <summary>What a template makes.</summary>
    public static string Title(RewardTemplate template) => Title(Of(template));

    /// <summary>The type of what a template makes.</summary>
    public static string Of(RewardTemplate template) => template.Kind == RewardKind.CustomCode ? RewardFunctionSpecification.CustomCode : RewardFunctionSpecification.ModelAsJudge;
}
