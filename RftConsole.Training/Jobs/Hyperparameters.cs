using RftConsole.Training.Grpo;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Text;

namespace RftConsole.Training.Jobs;

/// <summary>
/// The hyperparameters of a job. A null is a default that depends on the model, the data or the machine;
/// a job resolves it before it trains. Names and ranges: those of the job file.
/// </summary>
public sealed record Hyperparameters
{
    public int EpochCount { get; init; } = 1;

    /// <summary>Prompts a step.</summary>
    public int? BatchSize { get; init; }

    public double? LearningRate { get; init; }

    /// <summary>In tokens, the chat template included; longer prompts are dropped and counted.</summary>
    public int? MaxPromptLength { get; init; }

    /// <summary>Rollouts of each prompt: the group size G of GRPO.</summary>
    public int TrainingSamplePerPrompt { get; init; } = 8;

    /// <summary>Most tokens of a completion.</summary>
    public int? InferenceMaxTokens { get; init; }

    /// <summary>Steps between two validations.</summary>
    public int? EvalInterval { get; init; }

    public int? MaxSteps { get; init; }

    public double Temperature { get; init; } = 1.0;

    public LossType LossType { get; init; } = LossType.Dapo;

    public AdvantageScaling AdvantageScaling { get; init; } = AdvantageScaling.Group;

    /// <summary>Weight of the divergence from the base model.</summary>
    public double KlCoefficient { get; init; }

    public double ClipLow { get; init; } = 0.2;

    public double ClipHigh { get; init; } = 0.28;

    /// <summary>Optimiser steps on each batch of rollouts.</summary>
    public int UpdatesPerBatch { get; init; } = 1;

    /// <summary>Whether completions that reached the token limit are left out of the update.</summary>
    public bool MaskTruncatedCompletions { get; init; }

    public int LoraRank { get; init; } = 16;

    public double LoraAlpha { get; init; } = 32;

    public IReadOnlyList<string> LoraTargets { get; init; } = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    public int WarmupSteps { get; init; }

    public double WeightDecay { get; init; }

    public double MaxGradNorm { get; init; } = 1.0;

    public bool EarlyStopping { get; init; } = true;

    /// <summary>Validations without a better reward before an early stop.</summary>
    public int EarlyStoppingPatience { get; init; } = 5;

    /// <summary>Steps between two checkpoints.</summary>
    public int? CheckpointInterval { get; init; }

    /// <summary>How many of the newest checkpoints are kept; the best one is kept beside them.</summary>
    public int CheckpointsToKeep { get; init; } = 3;

    public int RewardBatchSize { get; init; } = 32;

    public double FailureScore { get; init; }

    /// <summary>The least reward that counts as accurate; the default is 1 for code and 0.5 for a judge.</summary>
    public double? AccuracyThreshold { get; init; }

    public long Seed { get; init; } = 42;

    /// <summary>Handed to the chat template; the adapter remembers it, so that the tuned model is asked as it was trained.</summary>
    public ReasoningEffort ReasoningEffort { get; init; }
}
