using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Models;

namespace RftConsole.Training.Jobs;

/// <summary>What a job will cost on this machine.</summary>
/// <param name="Duration">From start to end, without early stopping.</param>
/// <param name="MemoryBytes">Peak memory of the process.</param>
/// <param name="TotalSteps">Optimiser steps.</param>
/// <param name="Resolved">The hyperparameters with every default resolved.</param>
public sealed record JobEstimate(TimeSpan Duration, long MemoryBytes, int TotalSteps, Hyperparameters Resolved);

/// <summary>Estimates time and memory before a job starts, from a short measurement with the job's own model.</summary>
public sealed class JobEstimator(ModelHost models)
{
    private const int MeasuredPrompts = 4;
    private const int MeasuredTokens = 8;

    /// <summary>The runtime, libtorch and the console itself.</summary>
    private const long ProcessBytes = 350L << 20;

    /// <summary>The job that models which are not there yet are compared by: a sample data set's rows and typical prompts.</summary>
    private const int SampleRows = 576;
    private const int SampleValidationRows = 64;
    private const int SamplePromptTokens = 100;

    /// <summary>
    /// Shares of the matrix peak that the phases of a whole step reached in a job on SmolLM2 135M (64 rollouts of about 29 tokens): <c>time/rollout</c>, prompts and
    /// the wait for the longest rollout included, and <c>time/update</c>. Larger models come nearer to the peak.
    /// </summary>
    private const double RolloutShareOfPeak = 0.38;
    private const double UpdateShareOfPeak = 0.6;

    private double? _peakGflops;

    private readonly Dictionary<string, (double SecondsPerToken, double SecondsPerUpdateToken)> _measured = [];
    private readonly SemaphoreSlim _one = new(1);

    public ModelHost Models { get; } = models;

    /// <exception cref="UserInputException">The specification cannot be used; the message names the field.</exception>
    public async Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken)
    {
        var model = await Models.LoadAsync(specification.BaseModel);
        HyperparameterRules.Check(specification.Hyperparameters, model.Decoder.Config.ContextLength);
        var records = JobRecords.Read(specification);
        var h = HyperparameterRules.Resolve(specification.Hyperparameters, model.Decoder.Config, records.Training.Count, specification.RewardFunction);
        var data = records.Encode(model, h.MaxPromptLength!.Value, h.ReasoningEffort);
        int steps = HyperparameterRules.TotalSteps(h, data.Training.Count);
        var (perToken, perUpdateToken) = await MeasureAsync(model, cancellationToken);

        double prompt = data.Training.Average(x => x.Ids.Length);
        double rollouts = (double)h.BatchSize!.Value * h.TrainingSamplePerPrompt;

        // Completions are rarely as long as they may be: the base model's own length is not known yet, so two thirds of the limit.
        double completion = h.InferenceMaxTokens!.Value * 2 / 3.0;
        double step = (rollouts * completion * perToken) + (rollouts * (prompt + completion) * perUpdateToken * h.UpdatesPerBatch);
        double validation = data.Validation.Count * completion * perToken;
        double seconds = (steps * step) + (((double)steps / h.EvalInterval!.Value) + 1) * validation;
        return new(TimeSpan.FromSeconds(seconds), Memory(model.Decoder.Config, h, prompt), steps, h);
    }

    /// <summary>
    /// What a job with default settings on the sample data would cost with a model of this shape, which need not be there yet: from the machine's matrix peak,
    /// measured once, and the shares of it that this engine's sampling and updates reach.
    /// </summary>
    public async Task<JobEstimate> EstimateAsync(DecoderConfig config, CancellationToken cancellationToken)
    {
        double peak = 1e9 * await PeakAsync(cancellationToken);
        var h = HyperparameterRules.Resolve(new(), config, SampleRows);
        int steps = HyperparameterRules.TotalSteps(h, SampleRows);
        double rollouts = (double)h.BatchSize!.Value * h.TrainingSamplePerPrompt;
        double completion = h.InferenceMaxTokens!.Value * 2 / 3.0;
        double perToken = 2.0 * config.MatrixWeightCount / (peak * RolloutShareOfPeak);
        double perUpdateToken = 4.0 * config.MatrixWeightCount / (peak * UpdateShareOfPeak);
        double step = rollouts * ((completion * perToken) + ((completion + ((double)SamplePromptTokens / h.TrainingSamplePerPrompt)) * perUpdateToken * h.UpdatesPerBatch));
        double seconds = (steps * step) + ((((double)steps / h.EvalInterval!.Value) + 1) * SampleValidationRows * completion * perToken);
        return new(TimeSpan.FromSeconds(seconds), Memory(config, h, SamplePromptTokens), steps, h);
    }

    private async Task<double> PeakAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return _peakGflops ??= (await MatrixPeak.MeasureAsync(Models.Compute)).Gflops;
        }
        finally
        {
            _one.Release();
        }
    }

    private static long Memory(DecoderConfig config, Hyperparameters h, double prompt)
    {
        // The base model, and the policy's copy of the linear layers with the adapter merged into them.
        long linear = config.MatrixWeightCount - ((long)config.VocabularySize * config.HiddenSize);
        long weights = sizeof(float) * (config.ParameterCount + linear);
        long rows = Math.Min((long)h.BatchSize!.Value * h.TrainingSamplePerPrompt, DecodingBatch.RowsFor(config, h.InferenceMaxTokens!.Value));
        long cache = (rows * KeyValueCache.BytesOf(config, h.InferenceMaxTokens.Value)) + ((rows / h.TrainingSamplePerPrompt) * KeyValueCache.BytesOf(config, (long)prompt));
        long tokens = (long)Math.Max(GrpoTrainer.TokensOfMicroBatch(config), prompt + h.InferenceMaxTokens.Value);
        long activations = tokens * GrpoTrainer.ActivationBytesOfToken(config);
        long logits = sizeof(float) * Math.Max(ResponseLoss.LogitsPerChunk, rows * config.VocabularySize);
        return ProcessBytes + weights + cache + activations + logits;
    }

    private async Task<(double SecondsPerToken, double SecondsPerUpdateToken)> MeasureAsync(LoadedModel model, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!_measured.TryGetValue(model.Path, out var measured))
            {
                // The first round pays for the code's compilation and the allocator's growth.
                await MeasureOnceAsync(model, cancellationToken);
                measured = _measured[model.Path] = await MeasureOnceAsync(model, cancellationToken);
            }

            return measured;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<(double SecondsPerToken, double SecondsPerUpdateToken)> MeasureOnceAsync(LoadedModel model, CancellationToken cancellationToken)
    {
        const int GroupSize = 8;
        int[][] prompts = [.. Enumerable.Range(0, MeasuredPrompts).Select(i => Enumerable.Range(0, 32).Select(j => (i + j) % model.Decoder.Config.VocabularySize).ToArray())];
        long start = Stopwatch.GetTimestamp();
        var completions = await new BatchGenerator(Models.Compute).GenerateAsync(
            model with { EndTokens = new HashSet<int>() },
            null,
            prompts,
            GroupSize,
            new SamplingOptions(1, 1, MeasuredTokens),
            (prompt, sample, token) => CounterRandom.Uniform(0, RandomStream.Evaluation, (ulong)prompt, (ulong)sample, (ulong)token),
            WorkPriority.Interactive,
            cancellationToken);
        double sampling = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var state = await Models.Compute.RunAsync(WorkPriority.Interactive, () => PolicyState.Create(model.Decoder.Config, new Hyperparameters()), cancellationToken);
        var rollouts = completions.SelectMany((group, i) => group.Select(x => new TrainingRollout(prompts[i], x.Tokens, x.LogProbabilities, 1))).ToArray();
        start = Stopwatch.GetTimestamp();
        await using var policy = new MergedPolicy(model, state.Adapter, Models.Compute);
        await using var trainer = new GrpoTrainer(policy, state.Optimizer, new(LossType.Dapo, 0, 0.2, 0.28, 1, MeasuredTokens, 1));
        await trainer.UpdateAsync(rollouts, 0, cancellationToken);
        double update = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Models.Compute.RunAsync(WorkPriority.Interactive, state.Dispose, CancellationToken.None);
        return (sampling / (rollouts.Length * MeasuredTokens), update / rollouts.Sum(x => x.Prompt.Length + x.Completion.Length));
    }
}
