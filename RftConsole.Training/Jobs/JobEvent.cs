using System.Text.Json.Serialization;

using RftConsole.Training.Network;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Jobs;

/// <summary>The three phases of a job, in order.</summary>
public enum JobPhase
{
    Validation,
    DataProcessing,
    Training,
}

/// <summary>The status of one phase.</summary>
public enum PhaseStatus
{
    NotStarted,
    InProgress,
    Completed,
    Stopping,
    Stopped,
    Failed,
}

/// <summary>How a run of a job ended. <see cref="Paused"/>: by the user or by infrastructure; the next run goes on.</summary>
public enum JobOutcome
{
    Completed,
    Stopped,
    Paused,
    Failed,
}

/// <summary>
/// All that leaves a job: the commands print it, the console stores and draws it. Events of a step come in the order
/// rollouts, metrics, validation, checkpoint (of a job's last step, where no validation is due: checkpoint, closing validation);
/// after a resume, events of steps after the checkpoint come again, with equal content.
/// </summary>
public abstract record JobEvent;

/// <summary>A phase began or ended.</summary>
public sealed record PhaseChanged(JobPhase Phase, PhaseStatus Status) : JobEvent;

/// <summary>The plan after data processing: what was resolved, and how much work it is. On a resume, <paramref name="ResumedFromStep"/> is set.</summary>
/// <param name="Hyperparameters">Every default resolved.</param>
/// <param name="TotalSteps">Optimiser steps the job will take unless it stops early.</param>
/// <param name="TrainingPrompts">Prompts trained on.</param>
/// <param name="ValidationPrompts">Prompts held out.</param>
/// <param name="DroppedPrompts">Prompts longer than the limit.</param>
/// <param name="ResumedFromStep">Steps already done: metrics and rollouts of later steps are void and will come again.</param>
public sealed record JobPlanned(Hyperparameters Hyperparameters, int TotalSteps, int TrainingPrompts, int ValidationPrompts, int DroppedPrompts, int? ResumedFromStep) : JobEvent
{
    /// <summary>What data processing found; null in plans of before there was a report.</summary>
    public DataReport? Data { get; init; }
}

/// <summary>All rollouts of one step, graded.</summary>
public sealed record RolloutsGraded(int Step, IReadOnlyList<Rollout> Rollouts) : JobEvent;

/// <summary>One optimiser step is done. Steps count from 1. Keys: the metric names of the job's metrics file.</summary>
public sealed record StepCompleted(int Step, int TotalSteps, IReadOnlyDictionary<string, double> Metrics) : JobEvent;

/// <summary>A validation is done, greedy, one completion a prompt. Step 0 is the base model. Keys such as <c>eval/reward</c>.</summary>
public sealed record ValidationCompleted(int Step, IReadOnlyDictionary<string, double> Metrics, bool IsBest) : JobEvent;

/// <summary>A checkpoint is on disk. <paramref name="Path"/> is a folder relative to the job's.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Path">Its folder.</param>
/// <param name="IsBest">Whether it is the best validated so far.</param>
/// <param name="Seconds">Time that it took, flushed to the disk.</param>
public sealed record CheckpointWritten(int Step, string Path, bool IsBest, double Seconds = 0) : JobEvent;

/// <summary>Something the user should know; the job goes on.</summary>
public sealed record JobWarning(string Code, string Message) : JobEvent;

/// <summary>Network isolation refused calls; those to one place by one caller are told together.</summary>
public sealed record CallsRefused(RefusedCall Call) : JobEvent;

/// <summary>A line for the log.</summary>
public sealed record JobLog(string Message) : JobEvent;

/// <summary>The job's last event.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">Why, in one line; null where it simply completed.</param>
/// <param name="Steps">Optimiser steps done.</param>
/// <param name="Baseline">The base model's validation metrics, where they were measured.</param>
/// <param name="Final">The best checkpoint's validation metrics.</param>
/// <param name="AdapterPath">The adapter's folder (absolute), where one was written.</param>
/// <param name="BestStep">The step whose weights the adapter holds.</param>
public sealed record JobFinished(
    JobOutcome Outcome,
    string? Message,
    int Steps,
    IReadOnlyDictionary<string, double>? Baseline,
    IReadOnlyDictionary<string, double>? Final,
    string? AdapterPath,
    int? BestStep) : JobEvent;

/// <summary>One completion of a training step, with its grade.</summary>
/// <param name="Step">Optimiser step, from 1.</param>
/// <param name="PromptIndex">Position of the prompt within the step.</param>
/// <param name="SampleIndex">Position within the group.</param>
/// <param name="RecordId">The training record's id.</param>
/// <param name="Prompt">The prompt's last user message.</param>
/// <param name="Completion">The decoded response.</param>
/// <param name="TokenCount">Tokens of the response, the end token included.</param>
/// <param name="FinishReason"><c>stop</c> or <c>length</c>.</param>
/// <param name="Reward">The score; null where a judge gave no verdict.</param>
/// <param name="Advantage">The score relative to its group.</param>
/// <param name="ReferenceAnswer">As JSON or plain text; null where there is none.</param>
/// <param name="Metrics">The reward function's further figures.</param>
/// <param name="RewardError">Why the user's code could not grade it.</param>
/// <param name="RewardOutput">What the reward function printed.</param>
public sealed record Rollout(
    int Step,
    int PromptIndex,
    int SampleIndex,
    string RecordId,
    string Prompt,
    string Completion,
    int TokenCount,
    string FinishReason,
    double? Reward,
    double Advantage,
    string? ReferenceAnswer,
    IReadOnlyList<RewardMetric> Metrics,
    string? RewardError,
    string RewardOutput)
{
    /// <summary>Why a judge gave no verdict: the completion is left out of its group. Null where there is a score.</summary>
    public string? Unjudged { get; init; }

    /// <summary>What was sampled, token by token; for those who look at single answers, and not in the job's rollouts file.</summary>
    [JsonIgnore]
    public RolloutTokens? Tokens { get; init; }
}

/// <summary>A completion as the sampler made it.</summary>
/// <param name="Prompt">Token ids of the prompt, chat template included.</param>
/// <param name="Completion">Token ids of the completion, the end token included.</param>
/// <param name="LogProbabilities">How likely the policy found each token of the completion, natural log, at the temperature of the sampling.</param>
public sealed record RolloutTokens(int[] Prompt, int[] Completion, float[] LogProbabilities);
