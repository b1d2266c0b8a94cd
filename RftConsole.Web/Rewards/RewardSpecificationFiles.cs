using RftConsole.Training.Jobs;

namespace RftConsole.Web.Rewards;

/// <summary>The files that a reward function's specification names, those of its parts included.</summary>
internal static class RewardSpecificationFiles
{
    /// <summary>The specification with each file put through <paramref name="change"/>.</summary>
    public static RewardFunctionSpecification Map(RewardFunctionSpecification specification, Func<string, string> change) => specification with
    {
        File = specification.File is { } file ? change(file) : null,
        Requirements = specification.Requirements is { } requirements ? change(requirements) : null,
        Parts = specification.Parts is { } parts ? [.. parts.Select(part => part with { RewardFunction = Map(part.RewardFunction, change) })] : null,
    };
}
