using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>The numbers of section <em>Hyperparameters</em>: names, labels, ranges; their defaults come from the engine.</summary>
public static class HyperparameterFields
{
    private static readonly Hyperparameters _defaults = new();

    /// <summary>The ones of the original's page, in its order.</summary>
    public static IReadOnlyList<NumberField> Main { get; } =
    [
        new("epochCount", Phrase("Epochs"), Phrase("Passes over the training prompts."), 1, 50, _defaults.EpochCount),
        new("batchSize", Phrase("Batch size"), Phrase("Prompts in each step."), 1, 512, null),
        new("learningRate", Phrase("Learning rate"), Phrase("Size of each update of the adapter."), 1e-7, 1e-2, null, Whole: false),
        new("maxPromptLength", Phrase("Maximum prompt length"), Phrase("In tokens. Longer prompts are left out and counted."), 1, null, null),
        new("trainingSamplePerPrompt", Phrase("Training samples per prompt"), Phrase("Answers to each prompt, graded against each other."), 2, 64, _defaults.TrainingSamplePerPrompt),
        new("inferenceMaxTokens", Phrase("Maximum inference tokens"), Phrase("Most tokens of an answer."), 1, null, null),
        new("evalInterval", Phrase("Evaluation interval"), Phrase("Steps between two validations."), 1, 100, null),
    ];

    /// <summary>The ones folded away.</summary>
    public static IReadOnlyList<NumberField> Advanced { get; } =
    [
        new("maxSteps", Phrase("Maximum steps"), Phrase("Ends the job after so many steps. Empty: all epochs."), 1, 1_000_000, null, Optional: true),
        new("temperature", Phrase("Sampling temperature"), Phrase("Of the training answers. Higher explores more."), 0.05, 5, _defaults.Temperature, Whole: false),
        new("clipLow", Phrase("Clip range, low"), Phrase("How far an answer's probability may fall in one update."), 0, 1, _defaults.ClipLow, Whole: false),
        new("clipHigh", Phrase("Clip range, high"), Phrase("How far it may rise."), 0, 10, _defaults.ClipHigh, Whole: false),
        new("klCoefficient", Phrase("KL coefficient"), Phrase("Weight of the divergence from the base model. 0 leaves it out and saves time."), 0, 10, _defaults.KlCoefficient, Whole: false),
        new("updatesPerBatch", Phrase("Updates per batch"), Phrase("Optimiser steps on each batch of answers."), 1, 64, _defaults.UpdatesPerBatch),
        new("warmupSteps", Phrase("Warm-up steps"), Phrase("Steps over which the learning rate rises to its value."), 0, 1_000_000, _defaults.WarmupSteps),
        new("loraRank", Phrase("LoRA rank"), Phrase("Capacity of the adapter."), 1, 256, _defaults.LoraRank),
        new("loraAlpha", Phrase("LoRA alpha"), Phrase("Scale of the adapter; alpha over rank multiplies its output."), 0.001, 1024, _defaults.LoraAlpha, Whole: false),
        new("weightDecay", Phrase("Weight decay"), Phrase("Pulls the adapter towards zero."), 0, 1, _defaults.WeightDecay, Whole: false),
        new("maxGradNorm", Phrase("Maximum gradient norm"), Phrase("Longer gradients are scaled down to it."), 1e-6, 1e6, _defaults.MaxGradNorm, Whole: false),
        new("earlyStoppingPatience", Phrase("Early stopping patience"), Phrase("Validations without a better reward before the job ends early."), 1, 1000, _defaults.EarlyStoppingPatience),
        new("checkpointInterval", Phrase("Checkpoint interval"), Phrase("Steps between two checkpoints. Empty: the evaluation interval."), 1, 10_000, null, Optional: true),
        new("checkpointsToKeep", Phrase("Checkpoints to keep"), Phrase("The newest ones; the best is kept beside them."), 1, 1000, _defaults.CheckpointsToKeep),
        new("rewardBatchSize", Phrase("Reward batch size"), Phrase("Answers handed to the reward function in one call."), 1, 1024, _defaults.RewardBatchSize),
        new("failureScore", Phrase("Failure score"), Phrase("Reward of an answer that your code could not grade."), -1e6, 1e6, _defaults.FailureScore, Whole: false),
        new("accuracyThreshold", Phrase("Accuracy threshold"), Phrase("The least reward that counts as accurate. Empty: 1 for code, 0.5 for a judge."), -1e6, 1e6, null, Whole: false, Optional: true),
        new("seed", Phrase("Seed"), Phrase("The same job with the same seed is the same run."), 0, 9_007_199_254_740_991, _defaults.Seed),
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
