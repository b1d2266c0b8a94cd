using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;

namespace RftConsole.Training.Grpo;

/// <summary>A completion to learn from.</summary>
/// <param name="Prompt">Token ids.</param>
/// <param name="Completion">Token ids, the end token included.</param>
/// <param name="OldLogProbabilities">Of each token of the completion, as sampled.</param>
/// <param name="Advantage">Relative to its group.</param>
public sealed record TrainingRollout(int[] Prompt, int[] Completion, float[] OldLogProbabilities, double Advantage);

/// <summary>What one update measured, over the tokens of the batch.</summary>
/// <param name="Loss">Policy loss.</param>
/// <param name="GradNorm">Joint norm of the gradients before clipping.</param>
/// <param name="Entropy">Mean entropy of the policy's distribution, in nats.</param>
/// <param name="Kl">Mean divergence from the base model; 0 where it is not computed.</param>
/// <param name="ClipLow">Share of tokens clipped below.</param>
/// <param name="ClipHigh">Share of tokens clipped above.</param>
/// <param name="LogProbabilityGap">Largest absolute difference between new and old log-probability.</param>
public sealed record UpdateMetrics(double Loss, double GradNorm, double Entropy, double Kl, double ClipLow, double ClipHigh, double LogProbabilityGap);

/// <summary>
/// GRPO updates of an adapter. A batch is cut into micro-batches, and those into slices for the compute thread; the cut is a function of the batch alone.
/// </summary>
/// <remarks>
/// Departures from a textbook implementation: 1. the way back is written out, so that nothing is kept that it does not need; 2. the gradient with respect to the
/// logits replaces them, some tokens at a time; 3. groups whose advantages are all zero add nothing to the gradient (without a KL term), so they are only
/// measured; 4. a prompt is computed once for the completions of its group, forward and back.
/// </remarks>
/// <param name="policy">The policy that is trained.</param>
/// <param name="optimizer">Over the adapter's factors.</param>
/// <param name="options">The loss.</param>
public sealed class GrpoTrainer(MergedPolicy policy, AdamW optimizer, GrpoOptions options) : IAsyncDisposable
{
    /// <summary>Memory for the activations of one micro-batch, in bytes.</summary>
    private const long ActivationBytes = 384L << 20;

    /// <summary>The loss over the vocabulary, and matrix products, work best on this many tokens or more.</summary>
    private const int LeastTokens = 128;

    /// <summary>More tokens gain nothing.</summary>
    private const int MostTokens = 2048;

    private readonly ComputeThread _compute = policy.Compute;
    private MicroBatch? _microBatch;

    public MergedPolicy Policy { get; } = policy;

    /// <summary>Tokens of one micro-batch for a model of this shape.</summary>
    public static int TokensOfMicroBatch(DecoderConfig config) => (int)Math.Clamp(ActivationBytes / ActivationBytesOfToken(config), LeastTokens, MostTokens);

    /// <summary>Memory that the activations of one token take on the way forward.</summary>
    public static long ActivationBytesOfToken(DecoderConfig config) =>
        sizeof(float) * (long)config.LayerCount * ((2L * config.HiddenSize) + (2L * config.HeadSize * (config.HeadCount + config.KeyValueHeadCount)) + (2L * config.IntermediateSize));

    /// <summary>One optimiser step on a batch of rollouts. Where it is cancelled, the policy is what it was.</summary>
    public async Task<UpdateMetrics> UpdateAsync(IReadOnlyList<TrainingRollout> rollouts, double learningRate, CancellationToken cancellationToken)
    {
        var merged = await Policy.CurrentAsync(cancellationToken);
        var micro = _microBatch ??= await _compute.RunAsync(WorkPriority.Training, () => new MicroBatch(merged.Decoder, Policy.Model.Decoder, Policy.Adapter, options), cancellationToken);
        await _compute.RunAsync(WorkPriority.Training, micro.AdapterChanged, cancellationToken);

        // A batch can be empty: all of its completions were cut off and are left out.
        long tokens = Math.Max(1, rollouts.Sum(x => (long)x.Completion.Length));
        double loss = 0, entropy = 0, kl = 0, gap = 0;
        long clippedLow = 0, clippedHigh = 0;
        foreach (var part in Split(rollouts))
        {
            var sums = await RunAsync(micro.Slices(part, tokens, rollouts.Count), cancellationToken);
            loss += sums.Loss;
            entropy += sums.Entropy;
            kl += sums.Kl;
            clippedLow += sums.ClippedLow;
            clippedHigh += sums.ClippedHigh;
            gap = Math.Max(gap, sums.LogProbabilityGap);
        }

        double norm = await _compute.RunAsync(
            WorkPriority.Training,
            () =>
            {
                micro.MoveGradients();
                double before = optimizer.ClipGradients(options.MaxGradNorm);
                optimizer.Step(learningRate);
                Policy.Changed();
                return before;
            },
            cancellationToken);
        return new(loss, norm, entropy / tokens, kl / tokens, (double)clippedLow / tokens, (double)clippedHigh / tokens, gap);
    }

    public async ValueTask DisposeAsync()
    {
        if (_microBatch is not null)
        {
            await _compute.RunAsync(WorkPriority.Training, _microBatch.Dispose);
        }
    }

    private async Task<MicroBatchSums> RunAsync(IEnumerable<MicroBatchSums?> slices, CancellationToken cancellationToken)
    {
        using var enumerator = slices.GetEnumerator();
        while (await _compute.RunAsync(WorkPriority.Training, () => ShortWork.Repeat(() => enumerator.MoveNext() && enumerator.Current is null), cancellationToken))
        {
        }

        return enumerator.Current ?? throw new InvalidOperationException("A micro-batch ended without its sums.");
    }

    /// <summary>
    /// Micro-batches of whole groups, those that need a backward pass first, longest first; a group above the budget is cut, and its prompt then computed for each part.
    /// </summary>
    private IEnumerable<TrainingRollout[]> Split(IReadOnlyList<TrainingRollout> rollouts)
    {
        int budget = TokensOfMicroBatch(Policy.Model.Decoder.Config);
        var parts = rollouts
            .GroupBy(x => x.Prompt, ReferenceEqualityComparer.Instance)
            .SelectMany(group => Cut([.. group], budget))
            .Select(part => (Part: part, Gradient: part.Any(x => MicroBatch.NeedsGradient(x, options)), Tokens: part[0].Prompt.Length + part.Sum(x => x.Completion.Length)))
            .OrderBy(x => x.Gradient ? 0 : 1)
            .ThenByDescending(x => x.Tokens)
            .ToArray();
        int start = 0;
        while (start < parts.Length)
        {
            int end = start + 1;
            int tokens = parts[start].Tokens;
            while (end < parts.Length && parts[end].Gradient == parts[start].Gradient && tokens + parts[end].Tokens <= budget)
            {
                tokens += parts[end++].Tokens;
            }

            yield return [.. parts[start..end].SelectMany(x => x.Part)];
            start = end;
        }
    }

    private static IEnumerable<TrainingRollout[]> Cut(TrainingRollout[] group, int budget)
    {
        int perPart = Math.Max(1, (budget - group[0].Prompt.Length) / group.Max(x => x.Completion.Length));
        return group.Chunk(perPart);
    }
}
