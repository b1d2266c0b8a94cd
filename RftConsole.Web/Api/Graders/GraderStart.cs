using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Api.Graders;

/// <summary>Loads a grader's code in the sandbox, so that what is wrong with it is answered at once and not by a job that fails.</summary>
internal sealed class GraderStart(IRewardCode code)
{
    /// <exception cref="ApiException">The code cannot be used.</exception>
    public async Task CheckAsync(TranslatedGrader grader, string path, CancellationToken cancellationToken)
    {
        try
        {
            RewardSpecificationRules.Check(grader.Reward, path);
        }
        catch (UserInputException refused)
        {
            throw ApiException.Invalid(path, refused.Message, "invalid_grader");
        }

        foreach (string file in Files(grader.Reward))
        {
            if (await code.CheckAsync(await code.ReadAsync(file, cancellationToken), cancellationToken: cancellationToken) is { } problem)
            {
                throw ApiException.Invalid(path, problem.Message, "invalid_grader");
            }
        }
    }

    /// <summary>Code that came with the grader; what the library keeps was checked when it was saved, and may need packages.</summary>
    private static IEnumerable<string> Files(RewardFunctionSpecification reward) =>
        (reward is { File: { } file, Requirements: null } ? (IEnumerable<string>)[file] : []).Concat((reward.Parts ?? []).SelectMany(part => Files(part.RewardFunction)));
}
