using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Evaluation;

/// <summary>What is compared.</summary>
/// <param name="Targets">Ids as the playground has them; the first one is what the others are compared with.</param>
/// <param name="Prompts">How many prompts; where there are more, the seed of the settings draws them.</param>
/// <param name="Settings">How to sample.</param>
public sealed record ComparisonRequest(IReadOnlyList<string> Targets, int Prompts, PlaygroundSettings Settings);

/// <summary>One side's answer to one prompt.</summary>
/// <param name="Text">What was answered; null where the prompt could not be given to the model.</param>
/// <param name="Tokens">Its tokens, the end token included.</param>
/// <param name="CutOff">It ended at the limit of tokens.</param>
/// <param name="Grade">What the reward function said; null without an answer.</param>
/// <param name="Failure">Why there is no answer.</param>
public sealed record ComparedAnswer(string? Text, int Tokens, bool CutOff, RewardResult? Grade, string? Failure)
{
    /// <summary>The score; null where there is none that counts. An answer that the user's code could not grade has the failure score, as in a job.</summary>
    public double? Reward => Grade is { IsJudged: true } ? Grade.Score : null;
}

/// <summary>One prompt with the answer of each side, in the order of the targets.</summary>
/// <param name="Number">Its place in the validation set, from 0.</param>
/// <param name="Record">The prompt.</param>
/// <param name="Answers">One for each target.</param>
public sealed record ComparedPrompt(int Number, TrainingRecord Record, IReadOnlyList<ComparedAnswer> Answers);

/// <summary>How far a comparison is.</summary>
/// <param name="Doing">What it does.</param>
/// <param name="Done">Answers done.</param>
/// <param name="Total">Answers in all.</param>
/// <param name="New">Prompts that were finished since the last report.</param>
public sealed record ComparisonProgress(string Doing, int Done, int Total, IReadOnlyList<ComparedPrompt> New);

/// <summary>Grades answers of models to validation prompts by the reward function of the job.</summary>
public interface IModelComparison
{
    /// <summary>Grades answers to one prompt; the grades are in the same order.</summary>
    /// <exception cref="UserInputException">The reward function cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the reward function cannot be used.</exception>
    Task<IReadOnlyList<RewardResult>> GradeAsync(ValidationSet set, TrainingRecord record, IReadOnlyList<string> answers, CancellationToken cancellationToken = default);

    /// <summary>Lets each target answer the same prompts, as a job's validation does, and grades the answers.</summary>
    /// <param name="set">Prompts and reward function.</param>
    /// <param name="request">Who answers how many, and how.</param>
    /// <param name="progress">Hears of finished prompts, in order.</param>
    /// <param name="cancellationToken">Ends it between two tokens; what was reported is whole.</param>
    /// <exception cref="UserInputException">A target, a setting or the reward function cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the reward function cannot be used.</exception>
    Task RunAsync(ValidationSet set, ComparisonRequest request, IProgress<ComparisonProgress> progress, CancellationToken cancellationToken = default);
}
