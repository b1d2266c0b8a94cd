namespace RftConsole.Web.Evaluation;

/// <summary>One side's figures. Wins, ties and losses are against the first side, over the prompts that both have a reward for.</summary>
/// <param name="Graded">Answers with a reward.</param>
/// <param name="MeanReward">Mean of the rewards; null without any.</param>
/// <param name="Accuracy">The share of rewards that reach the accuracy threshold; null without any.</param>
/// <param name="MeanTokens">Mean tokens of an answer; null without any.</param>
/// <param name="CutOff">Answers that ended at the limit of tokens.</param>
/// <param name="Errors">Answers that the user's code could not grade; they count with the failure score.</param>
/// <param name="Missing">Prompts without a reward: no answer, or no verdict of the judge.</param>
/// <param name="Wins">Prompts on which it has the higher reward.</param>
/// <param name="Ties">Prompts on which both have the same.</param>
/// <param name="Losses">Prompts on which it has the lower reward.</param>
/// <param name="Difference">Mean of its reward minus the first side's; null where nothing can be compared.</param>
/// <param name="Margin">Half the width of the 95 % interval of that mean (normal approximation over prompts); null below two prompts.</param>
public sealed record ComparisonSide(
    int Graded,
    double? MeanReward,
    double? Accuracy,
    double? MeanTokens,
    int CutOff,
    int Errors,
    int Missing,
    int Wins,
    int Ties,
    int Losses,
    double? Difference,
    double? Margin);

/// <summary>A prompt that the sides differ on.</summary>
/// <param name="Prompt">The prompt with its answers.</param>
/// <param name="Best">The side with the highest reward, the first one where several share it.</param>
/// <param name="Spread">Highest minus lowest reward.</param>
public sealed record Disagreement(ComparedPrompt Prompt, int Best, double Spread);

/// <summary>Wins, ties and losses of each side against the first one, and where they disagree.</summary>
/// <param name="Prompts">Prompts compared.</param>
/// <param name="Sides">One for each target, in order.</param>
/// <param name="Disagreements">The widest first, then in the set's order.</param>
public sealed record ComparisonTable(int Prompts, IReadOnlyList<ComparisonSide> Sides, IReadOnlyList<Disagreement> Disagreements)
{
    /// <summary>Rewards that differ by less are equal: rounding is no win.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Of the standard normal distribution: 95 % lie within so many standard deviations.</summary>
    private const double Quantile = 1.96;

    /// <param name="prompts">What was compared; each with as many answers as there are sides.</param>
    /// <param name="threshold">The least reward that counts as accurate.</param>
    public static ComparisonTable Of(IReadOnlyList<ComparedPrompt> prompts, double threshold)
    {
        int sides = prompts.Count == 0 ? 0 : prompts[0].Answers.Count;
        return new(
            prompts.Count,
            [.. Enumerable.Range(0, sides).Select(side => SideOf(prompts, side, threshold))],
            [.. prompts.Select(Compare).OfType<Disagreement>().OrderByDescending(found => found.Spread).ThenBy(found => found.Prompt.Number)]);
    }

    private static ComparisonSide SideOf(IReadOnlyList<ComparedPrompt> prompts, int side, double threshold)
    {
        ComparedAnswer[] answers = [.. prompts.Select(prompt => prompt.Answers[side])];
        ComparedAnswer[] graded = [.. answers.Where(answer => answer.Reward is not null)];
        double[] differences =
        [
            .. prompts.Select(prompt => prompt.Answers[side].Reward - prompt.Answers[0].Reward).OfType<double>(),
        ];
        ComparedAnswer[] answered = [.. answers.Where(answer => answer.Text is not null)];
        return new(
            graded.Length,
            Mean([.. graded.Select(answer => answer.Reward!.Value)]),
            Mean([.. graded.Select(answer => answer.Grade!.Error is null && answer.Reward >= threshold ? 1.0 : 0)]),
            Mean([.. answered.Select(answer => (double)answer.Tokens)]),
            answered.Count(answer => answer.CutOff),
            answers.Count(answer => answer.Grade?.Error is not null),
            answers.Length - graded.Length,
            differences.Count(difference => difference > Tolerance),
            differences.Count(difference => Math.Abs(difference) <= Tolerance),
            differences.Count(difference => difference < -Tolerance),
            Mean(differences),
            MarginOf(differences));
    }

    private static Disagreement? Compare(ComparedPrompt prompt)
    {
        (int Side, double Reward)[] rewards = [.. prompt.Answers.Index().Where(answer => answer.Item.Reward is not null).Select(answer => (answer.Index, answer.Item.Reward!.Value))];
        if (rewards.Length < 2)
        {
            return null;
        }

        (int best, double highest) = rewards.MaxBy(side => side.Reward);
        double spread = highest - rewards.Min(side => side.Reward);
        return spread > Tolerance ? new(prompt, best, spread) : null;
    }

    private static double? Mean(double[] values) => values.Length == 0 ? null : values.Average();

    private static double? MarginOf(double[] differences)
    {
        if (differences.Length < 2)
        {
            return null;
        }

        double mean = differences.Average();
        double variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (differences.Length - 1);
        return Quantile * Math.Sqrt(variance / differences.Length);
    }
}
