using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;

namespace RftConsole.Web.Rewards;

/// <summary>Where the responses of a dry run come from.</summary>
public abstract record ResponseSource;

/// <summary>A model answers prompts that are drawn from training data.</summary>
/// <param name="Data">The training data.</param>
/// <param name="BaseModel">A registered name or a path.</param>
/// <param name="Prompts">How many prompts.</param>
/// <param name="GroupSize">Responses to each.</param>
/// <param name="MaxTokens">Most tokens of a response; null for what a job of this model would allow.</param>
/// <param name="Temperature">Of the sampling.</param>
/// <param name="Seed">The same seed draws the same prompts and responses.</param>
public sealed record ModelResponses(TrainingDataSource Data, string BaseModel, int Prompts, int GroupSize, int? MaxTokens, double Temperature, long Seed) : ResponseSource;

/// <summary>Responses that a person wrote or pasted.</summary>
/// <param name="Prompt">The user's message.</param>
/// <param name="ReferenceAnswer">A text or a JSON object; empty for none.</param>
/// <param name="Responses">The responses.</param>
public sealed record PastedResponses(string Prompt, string ReferenceAnswer, IReadOnlyList<string> Responses) : ResponseSource;

/// <summary>Rollouts of an earlier job, the newest first.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Groups">How many groups.</param>
public sealed record JobRollouts(string JobId, int Groups) : ResponseSource;

/// <summary>How far a dry run is.</summary>
/// <param name="Doing">What it does.</param>
/// <param name="Done">Responses done.</param>
/// <param name="Total">Responses in all.</param>
public sealed record TrialProgress(string Doing, int Done, int Total);

/// <summary>Tries a reward function without training anything.</summary>
public interface IRewardTrial
{
    /// <summary>Runs the probes on the first training records.</summary>
    /// <param name="reward">The function.</param>
    /// <param name="data">The records.</param>
    /// <param name="isolation">What it may call: a trial on behalf of a job calls no more than the job would. Null refuses nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The function or the data cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the function cannot be used.</exception>
    Task<ProbeReport> ProbeAsync(RewardFunctionSpecification reward, TrainingDataSource data, NetworkIsolation? isolation = null, CancellationToken cancellationToken = default);

    /// <summary>Grades real responses.</summary>
    /// <param name="reward">The function.</param>
    /// <param name="source">The responses.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="isolation">What it may call; null refuses nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The function, the data or the model cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the function cannot be used.</exception>
    Task<DryRunReport> DryRunAsync(RewardFunctionSpecification reward, ResponseSource source, IProgress<TrialProgress>? progress = null, NetworkIsolation? isolation = null, CancellationToken cancellationToken = default);

    /// <summary>Grades what a person has graded; the results are in the same order.</summary>
    /// <exception cref="UserInputException">The function cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the function cannot be used.</exception>
    Task<IReadOnlyList<RewardResult>> GradeAsync(RewardFunctionSpecification reward, IReadOnlyList<GradedExample> examples, CancellationToken cancellationToken = default);
}
