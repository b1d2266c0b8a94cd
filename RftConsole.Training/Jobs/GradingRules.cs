using RftConsole.Training.Rewards;

namespace RftConsole.Training.Jobs;

/// <summary>When grades are too bad to go on with.</summary>
public static class GradingRules
{
    /// <summary>The largest share of completions without a verdict that a job goes on with.</summary>
    public const double MostUnjudged = 0.1;

    /// <exception cref="UserInputException">More than half of the completions failed in the user's code.</exception>
    public static void RefuseFailingReward(string where, IReadOnlyList<GradedCompletion[]> groups)
    {
        var failed = groups.SelectMany(x => x).Where(x => x.Result.Error is not null).ToArray();
        if (failed.Length * 2 > groups.Sum(x => x.Length))
        {
            throw new UserInputException($"The reward function failed for {failed.Length} of {groups.Sum(x => x.Length)} completions of {where}: {failed[0].Result.Error}");
        }
    }

    /// <exception cref="RewardInfrastructureException">A judge gave no verdict on more than a tenth of the completions.</exception>
    public static void RefuseMissingVerdicts(string where, IReadOnlyCollection<GradedCompletion> completions)
    {
        var missing = completions.Where(x => !x.Result.IsJudged).ToArray();
        if (missing.Length > MostUnjudged * completions.Count)
        {
            throw new RewardInfrastructureException(
                $"The judge gave no verdict on {missing.Length} of {completions.Count} completions of {where}, more than {MostUnjudged:P0}: {missing[0].Result.Unjudged}");
        }
    }
}
