using RftConsole.Training.Models;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Jobs;

/// <summary>Ranges of the hyperparameters, and the defaults that depend on model and data.</summary>
public static class HyperparameterRules
{
    /// <summary>Rollouts a step that a small job aims at: enough groups for a steady gradient, few enough for many steps.</summary>
    private const int RolloutsPerStep = 128;

    /// <summary>Checks every field that is set.</summary>
    /// <exception cref="UserInputException">A value lies outside its range; the message names field, value and range.</exception>
    public static void Check(Hyperparameters h, int contextLength)
    {
        Range("epochCount", h.EpochCount, 1, 50);
        Range("batchSize", h.BatchSize, 1, 512);
        Range("learningRate", h.LearningRate, 1e-7, 1e-2);
        Range("maxPromptLength", h.MaxPromptLength, 1, contextLength);
        Range("trainingSamplePerPrompt", h.TrainingSamplePerPrompt, 2, 64);
        Range("inferenceMaxTokens", h.InferenceMaxTokens, 1, contextLength);
        Range("evalInterval", h.EvalInterval, 1, 100);
        Range("maxSteps", h.MaxSteps, 1, 1_000_000);
        Range("temperature", h.Temperature, 0.05, 5);
        Range("klCoefficient", h.KlCoefficient, 0, 10);
        Range("clipLow", h.ClipLow, 0, 1);
        Range("clipHigh", h.ClipHigh, 0, 10);
        Range("updatesPerBatch", h.UpdatesPerBatch, 1, 64);
        Range("loraRank", h.LoraRank, 1, 256);
        Range("loraAlpha", h.LoraAlpha, 1e-3, 1024);
        Range("warmupSteps", h.WarmupSteps, 0, 1_000_000);
        Range("weightDecay", h.WeightDecay, 0, 1);
        Range("maxGradNorm", h.MaxGradNorm, 1e-6, 1e6);
        Range("earlyStoppingPatience", h.EarlyStoppingPatience, 1, 1000);
        Range("checkpointInterval", h.CheckpointInterval, 1, 10_000);
        Range("checkpointsToKeep", h.CheckpointsToKeep, 1, 1000);
        Range("rewardBatchSize", h.RewardBatchSize, 1, 1024);
        Range("failureScore", h.FailureScore, -1e6, 1e6);
        Range("accuracyThreshold", h.AccuracyThreshold, -1e6, 1e6);
        if (h.LoraTargets.Count == 0 || h.LoraTargets.FirstOrDefault(x => !WeightShapes.LinearLayers.Contains(x)) is { } || h.LoraTargets.Distinct().Count() != h.LoraTargets.Count)
        {
            throw new UserInputException($"hyperparameters.loraTargets: [{string.Join(", ", h.LoraTargets)}] must be some of {string.Join(", ", WeightShapes.LinearLayers)}, each once");
        }
    }

    /// <summary>Fills every default in.</summary>
    /// <param name="h">As the job's author wrote them, checked.</param>
    /// <param name="config">The base model's shape.</param>
    /// <param name="rows">Training prompts.</param>
    /// <param name="reward">What grades; null for code.</param>
    public static Hyperparameters Resolve(Hyperparameters h, DecoderConfig config, int rows, RewardFunctionSpecification? reward = null)
    {
        int maxTokens = h.InferenceMaxTokens ?? (config.ParameterCount < 10_000_000 ? 48 : Math.Min(256, config.ContextLength / 4));
        int batch = h.BatchSize ?? Math.Clamp(RolloutsPerStep / h.TrainingSamplePerPrompt, 1, Math.Max(1, rows));
        int evalInterval = h.EvalInterval ?? Math.Clamp(rows / batch, 1, 10);
        return h with
        {
            BatchSize = batch,
            LearningRate = h.LearningRate ?? DefaultLearningRate(config),
            InferenceMaxTokens = maxTokens,
            MaxPromptLength = h.MaxPromptLength ?? Math.Max(1, Math.Min(1024, config.ContextLength - maxTokens)),
            EvalInterval = evalInterval,
            CheckpointInterval = h.CheckpointInterval ?? evalInterval,
            AccuracyThreshold = h.AccuracyThreshold ?? RewardSpecificationRules.AccuracyThreshold(reward ?? new()),
        };
    }

    /// <summary>Optimiser steps of a job: epochs × batches, at most <see cref="Hyperparameters.MaxSteps"/>.</summary>
    public static int TotalSteps(Hyperparameters resolved, int rows)
    {
        int batches = (rows + resolved.BatchSize!.Value - 1) / resolved.BatchSize.Value;
        return (int)Math.Min(resolved.MaxSteps ?? int.MaxValue, (long)resolved.EpochCount * batches);
    }

    /// <summary>2e-4 at 135 million parameters, more for smaller models, by the square root of the size, rounded to one digit.</summary>
    private static double DefaultLearningRate(DecoderConfig config)
    {
        double rate = Math.Clamp(2e-4 * Math.Sqrt(135e6 / config.ParameterCount), 1e-4, 3e-3);
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rate)));
        return Math.Round(rate / unit) * unit;
    }

    private static void Range(string name, double? value, double low, double high)
    {
        if (value is { } number && !(number >= low && number <= high))
        {
            throw new UserInputException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"hyperparameters.{name}: {number} is outside {low} to {high}"));
        }
    }
}
