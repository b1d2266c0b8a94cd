namespace RftConsole.Training.Jobs;

/// <summary>A kind of what goes wrong in runs, in words: whoever shows them in another language finds each text here.</summary>
/// <param name="Code">Its name.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Seen">What was seen, with places <c>{0}</c>, <c>{1}</c> … for figures.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Remedy">What can be done.</param>
public sealed record HealthKind(string Code, string Title, string Seen, string Why, string Remedy)
{
    internal static readonly HealthKind BaselineHigh = new(
        "baseline-high", "Little to gain",
        "The base model already solves {0} of the validation prompts.",
        "There is little to gain: most groups will have no spread of rewards.",
        "Take harder prompts, or a stricter reward.");

    internal static readonly HealthKind BaselineZero = new(
        "baseline-zero", "No signal",
        "The base model solves none of the validation prompts.",
        "Where no answer is better than another, there is nothing to learn from.",
        "Take easier prompts, or a reward that grades parts.");

    internal static readonly HealthKind ValidationGap = new(
        "validation-gap", "Training and validation part",
        "Training accuracy is {0} and validation accuracy {1}.",
        "The policy learns its training prompts by heart, or what it learns does not carry over.",
        "Take more or more varied prompts, fewer epochs or a lower learning rate; the best checkpoint by validation is kept.");

    /// <summary>What was seen is the reward function's own remark.</summary>
    internal static readonly HealthKind OddScores = new(
        "reward-odd", "Odd scores",
        "{0}",
        "Scores outside the range that others expect make runs hard to compare.",
        "Look at the reward function.");

    internal static readonly HealthKind ZeroSpread = new(
        "zero-spread", "Groups without spread",
        "In the last {0} steps {1} of the groups had no spread of rewards.",
        "A group whose answers all score alike teaches nothing.",
        "Take prompts that the model solves sometimes, or more samples a prompt.");

    internal static readonly HealthKind Clipped = new(
        "clipped", "Responses are cut off",
        "{0} of the completions were cut off at the token limit.",
        "An answer that is cut off before its end is graded for what is missing.",
        "Raise inferenceMaxTokens, or reward shorter answers.");

    internal static readonly HealthKind RewardErrors = new(
        "reward-errors", "The reward function fails",
        "The reward function failed for {0} completions of a step; they got the failure score.",
        "A score that stands for a fault teaches the wrong thing.",
        "The rollouts table shows why; mend the function and start again.");

    internal static readonly HealthKind Unjudged = new(
        "reward-unjudged", "The judge gives no verdict",
        "The judge gave no verdict on {0} completions of a step; they are left out of their groups.",
        "Smaller groups compare less.",
        "The rollouts table shows why; make the instructions say exactly what to answer.");

    internal static readonly HealthKind Plateau = new(
        "reward-plateau", "Reward plateau",
        "The mean reward was {0} over {2} steps and {1} over the next {2}.",
        "More steps of the same will hardly change it.",
        "Stop here, raise the learning rate, or take prompts that are still hard.");

    internal static readonly HealthKind RisingVariance = new(
        "reward-variance", "Rising reward variance",
        "Rewards spread by {0} now and by {1} at the beginning, and are no higher.",
        "Updates pull in different directions, and the run may become unstable.",
        "Lower the learning rate, or take more prompts a step.");

    internal static readonly HealthKind EntropyCollapse = new(
        "entropy-collapse", "Entropy collapse",
        "Entropy fell from {0} to {1}.",
        "The policy answers always alike: without different answers there is nothing to compare.",
        "Lower the learning rate, set klCoefficient above 0, or sample at a higher temperature.");

    internal static readonly HealthKind LengthExplosion = new(
        "length-explosion", "Length explosion",
        "Answers have {0} tokens, and had {1} at the beginning; the reward hardly rose.",
        "The policy pads its answers: each step takes longer and teaches little.",
        "Let the reward count length, or lower inferenceMaxTokens.");

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<HealthKind> All { get; } =
        [BaselineHigh, BaselineZero, ValidationGap, OddScores, ZeroSpread, Clipped, RewardErrors, Unjudged, Plateau, RisingVariance, EntropyCollapse, LengthExplosion];

    /// <summary>Such a thing, found.</summary>
    /// <param name="step">The step at which it showed.</param>
    /// <param name="figures">What stands in the places of <see cref="Seen"/>.</param>
    internal HealthFinding At(int step, params object[] figures) => new(this, step, figures);
}
