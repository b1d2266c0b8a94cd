using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>The numbers of section <em>Hyperparameters</em>: names, labels, ranges; their defaults come from the engine.</summary>
public static class HyperparameterFields
{
    private static readonly Hyperparameters _defaults = new();

    /// <summary>The ones of the original's page, in its order.</summary>
    public static IReadOnlyList<NumberField> Main { get; } =
    [
        new("epochCount", "Epochs", "Passes over the training prompts.", 1, 50, _defaults.EpochCount),
        new("batchSize", "Batch size", "Prompts in each step.", 1, 512, null),
        new("learningRate", "Learning rate", "Size of each update of the adapter.", 1e-7, 1e-2, null, Whole: false),
        new("maxPromptLength", "Maximum prompt length", "In tokens. Longer prompts are left out and counted.", 1, null, null),
        new("trainingSamplePerPrompt", "Training samples per prompt", "Answers to each prompt, graded against each other.", 2, 64, _defaults.TrainingSamplePerPrompt),
        new("inferenceMaxTokens", "Maximum inference tokens", "Most tokens of an answer.", 1, null, null),
        new("evalInterval", "Evaluation interval", "Steps between two validations.", 1, 100, null),
    ];

    /// <summary>The ones folded away.</summary>
    public static IReadOnlyList<NumberField> Advanced { get; } =
    [
        new("maxSteps", "Maximum steps", "Ends the job after so many steps. Empty: all epochs.", 1, 1_000_000, null, Optional: true),
        new("temperature", "Sampling temperature", "Of the training answers. Higher explores more.", 0.05, 5, _defaults.Temperature, Whole: false),
        new("clipLow", "Clip range, low", "How far an answer's probability may fall in one update.", 0, 1, _defaults.ClipLow, Whole: false),
        new("clipHigh", "Clip range, high", "How far it may rise.", 0, 10, _defaults.ClipHigh, Whole: false),
        new("klCoefficient", "KL coefficient", "Weight of the divergence from the base model. 0 leaves it out and saves time.", 0, 10, _defaults.KlCoefficient, Whole: false),
        new("updatesPerBatch", "Updates per batch", "Optimiser steps on each batch of answers.", 1, 64, _defaults.UpdatesPerBatch),
        new("warmupSteps", "Warm-up steps", "Steps over which the learning rate rises to its value.", 0, 1_000_000, _defaults.WarmupSteps),
        new("loraRank", "LoRA rank", "Capacity of the adapter.", 1, 256, _defaults.LoraRank),
        new("loraAlpha", "LoRA alpha", "Scale of the adapter; alpha over rank multiplies its output.", 0.001, 1024, _defaults.LoraAlpha, Whole: false),
        new("weightDecay", "Weight decay", "Pulls the adapter towards zero.", 0, 1, _defaults.WeightDecay, Whole: false),
        new("maxGradNorm", "Maximum gradient norm", "Longer gradients are scaled down to it.", 1e-6, 1e6, _defaults.MaxGradNorm, Whole: false),
        new("earlyStoppingPatience", "Early stopping patience", "Validations without a better reward before the job ends early.", 1, 1000, _defaults.EarlyStoppingPatience),
        new("checkpointInterval", "Checkpoint interval", "Steps between two checkpoints. Empty: the evaluation interval.", 1, 10_000, null, Optional: true),
        new("checkpointsToKeep", "Checkpoints to keep", "The newest ones; the best is kept beside them.", 1, 1000, _defaults.CheckpointsToKeep),
        new("rewardBatchSize", "Reward batch size", "Answers handed to the reward function in one call.", 1, 1024, _defaults.RewardBatchSize),
        new("failureScore", "Failure score", "Reward of an answer that your code could not grade.", -1e6, 1e6, _defaults.FailureScore, Whole: false),
        new("accuracyThreshold", "Accuracy threshold", "The least reward that counts as accurate. Empty: 1 for code, 0.5 for a judge.", -1e6, 1e6, null, Whole: false, Optional: true),
        new("seed", "Seed", "The same job with the same seed is the same run.", 0, 9_007_199_254_740_991, _defaults.Seed),
    ];

    /// <summary>All fields.</summary>
    public static IEnumerable<NumberField> All => Main.Concat(Advanced);

    /// <summary>The value that <paramref name="resolved"/> holds for a field.</summary>
    public static double? Read(Hyperparameters resolved, string name) => name switch
    {
        "epochCount" => resolved.EpochCount,
        "batchSize" => resolved.BatchSize,
        "learningRate" => resolved.LearningRate,
        "maxPromptLength" => resolved.MaxPromptLength,
        "trainingSamplePerPrompt" => resolved.TrainingSamplePerPrompt,
        "inferenceMaxTokens" => resolved.InferenceMaxTokens,
        "evalInterval" => resolved.EvalInterval,
        "maxSteps" => resolved.MaxSteps,
        "temperature" => resolved.Temperature,
        "klCoefficient" => resolved.KlCoefficient,
        "updatesPerBatch" => resolved.UpdatesPerBatch,
        "warmupSteps" => resolved.WarmupSteps,
        "clipLow" => resolved.ClipLow,
        "clipHigh" => resolved.ClipHigh,
        "loraRank" => resolved.LoraRank,
        "loraAlpha" => resolved.LoraAlpha,
        "weightDecay" => resolved.WeightDecay,
        "maxGradNorm" => resolved.MaxGradNorm,
        "earlyStoppingPatience" => resolved.EarlyStoppingPatience,
        "checkpointInterval" => resolved.CheckpointInterval,
        "checkpointsToKeep" => resolved.CheckpointsToKeep,
        "rewardBatchSize" => resolved.RewardBatchSize,
        "failureScore" => resolved.FailureScore,
        "accuracyThreshold" => resolved.AccuracyThreshold,
        "seed" => resolved.Seed,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such hyperparameter."),
    };

    /// <summary><paramref name="choices"/> with checked numbers; a null stays for the job to resolve.</summary>
    public static Hyperparameters Build(Hyperparameters choices, IReadOnlyDictionary<string, double?> values)
    {
        int? Whole(string name) => values[name] is { } value ? (int)value : null;
        return choices with
        {
            EpochCount = (int)values["epochCount"]!.Value,
            BatchSize = Whole("batchSize"),
            LearningRate = values["learningRate"],
            MaxPromptLength = Whole("maxPromptLength"),
            TrainingSamplePerPrompt = (int)values["trainingSamplePerPrompt"]!.Value,
            InferenceMaxTokens = Whole("inferenceMaxTokens"),
            EvalInterval = Whole("evalInterval"),
            MaxSteps = Whole("maxSteps"),
            Temperature = values["temperature"]!.Value,
            KlCoefficient = values["klCoefficient"]!.Value,
            UpdatesPerBatch = (int)values["updatesPerBatch"]!.Value,
            WarmupSteps = (int)values["warmupSteps"]!.Value,
            ClipLow = values["clipLow"]!.Value,
            ClipHigh = values["clipHigh"]!.Value,
            LoraRank = (int)values["loraRank"]!.Value,
            LoraAlpha = values["loraAlpha"]!.Value,
            WeightDecay = values["weightDecay"]!.Value,
            MaxGradNorm = values["maxGradNorm"]!.Value,
            EarlyStoppingPatience = (int)values["earlyStoppingPatience"]!.Value,
            CheckpointInterval = Whole("checkpointInterval"),
            CheckpointsToKeep = (int)values["checkpointsToKeep"]!.Value,
            RewardBatchSize = (int)values["rewardBatchSize"]!.Value,
            FailureScore = values["failureScore"]!.Value,
            AccuracyThreshold = values["accuracyThreshold"],
            Seed = (long)values["seed"]!.Value,
        };
    }
}
