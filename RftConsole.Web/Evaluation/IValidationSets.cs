using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Text;

namespace RftConsole.Web.Evaluation;

/// <summary>Where prompts to compare models on can be taken from.</summary>
/// <param name="Id"><c>job:ID</c> or <c>sample:NAME</c>: part of the page's address.</param>
/// <param name="Title">The job's name, or the sample task's title.</param>
public sealed record ValidationSource(string Id, string Title)
{
    /// <summary>What the id of a job's validation prompts begins with.</summary>
    public const string JobPrefix = "job:";

    /// <summary>What the id of a sample task's test prompts begins with.</summary>
    public const string SamplePrefix = "sample:";
}

/// <summary>Prompts that no training has seen, with the reward function that grades their answers as the job does.</summary>
/// <param name="Source">Where they come from.</param>
/// <param name="Records">The prompts with their reference answers; at least one.</param>
/// <param name="Reward">What grades the answers.</param>
public sealed record ValidationSet(ValidationSource Source, IReadOnlyList<TrainingRecord> Records, RewardFunctionSpecification Reward)
{
    /// <summary>How the reward function is called.</summary>
    public required string RewardName { get; init; }

    /// <summary>Each grade takes a call of a model or of another machine: slow, and often paid for.</summary>
    public required bool IsCostly { get; init; }

    /// <summary>Samples of one call of the reward function.</summary>
    public int RewardBatchSize { get; init; } = 32;

    /// <summary>The score of an answer that the user's code cannot grade.</summary>
    public double FailureScore { get; init; }

    /// <summary>The least reward that counts as accurate.</summary>
    public double AccuracyThreshold { get; init; } = 1;

    /// <summary>Most tokens of an answer in the job's validation; null where that is not known.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>What the job tells the chat template of thinking; null leaves that to the adapter.</summary>
    public ReasoningEffort? Effort { get; init; }

    /// <summary>What the reward function may call.</summary>
    public NetworkIsolation? Isolation { get; init; }
}

/// <summary>Validation prompts of jobs, and test prompts of the sample tasks.</summary>
public interface IValidationSets
{
    /// <summary>Jobs, newest first, then sample tasks.</summary>
    Task<IReadOnlyList<ValidationSource>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads a set.</summary>
    /// <exception cref="UserInputException">It is gone, or its data cannot be read.</exception>
    Task<ValidationSet> FindAsync(string id, CancellationToken cancellationToken = default);
}
