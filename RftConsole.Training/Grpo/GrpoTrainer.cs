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
/// GRPO updates of an adapter. A batch is cut into micro-batches that are slices for the compute thread; the cut is a function of the batch alone.
/// </summary>
/// <remarks>
/// Departures from a textbook implementation: 1. the gradient with respect to the logits is written out and applied in chunks, so that the graph ends at the
/// hidden states; 2. groups whose advantages are all zero add nothing to the gradient (without a KL term), so they are only measured, without a backward pass;
/// 3. a prompt is computed once for the completions of its group, forward and backward.
/// </remarks>
public sealed class GrpoTrainer(ComputeThread compute, LoadedModel model, LoraAdapter adapter, AdamW optimizer, GrpoOptions options)
{
    /// <summary>Arithmetic of one micro-batch, in FLOP: about 300 ms on two cores.</summary>
    private const double FlopPerSlice = 20e9;

    /// <summary>Matrix products of fewer rows waste the processor; a larger model's slice takes longer instead.</summary>
    private const int LeastTokens = 512;

    private readonly MicroBatch _microBatch = new(model.Decoder, adapter, options);

    /// <summary>One optimiser step on a batch of rollouts.</summary>
    public async Task<UpdateMetrics> UpdateAsync(IReadOnlyList<TrainingRollout> rollouts, double learningRate, CancellationToken cancellationToken)
    {
        // A batch can be empty: all of its completions were cut off and are left out.
        long tokens = Math.Max(1, rollouts.Sum(x => (long)x.Completion.Length));
        double loss = 0, entropy = 0, kl = 0, gap = 0;
        long clippedLow = 0, clippedHigh = 0;
        foreach (var part in Split(rollouts))
        {
            var sums = await compute.RunAsync(WorkPriority.Training, () => _microBatch.Run(part, tokens, rollouts.Count), cancellationToken);
            loss += sums.Loss;
            entropy += sums.Entropy;
            kl += sums.Kl;
            clippedLow += sums.ClippedLow;
            clippedHigh += sums.ClippedHigh;
            gap = Math.Max(gap, sums.LogProbabilityGap);
        }

        double norm = await compute.RunAsync(
            WorkPriority.Training,
            () =>
            {
                double before = optimizer.ClipGradients(options.MaxGradNorm);
                optimizer.Step(learningRate);
                return before;
            },
            cancellationToken);
        return new(loss, norm, entropy / tokens, kl / tokens, (double)clippedLow / tokens, (double)clippedHigh / tokens, gap);
    }

    /// <summary>
    /// Micro-batches of whole groups, those that need a backward pass first, longest first; a group above the budget is cut, and its prompt then computed for each part.
    /// </summary>
    private IEnumerable<TrainingRollout[]> Split(IReadOnlyList<TrainingRollout> rollouts)
    {
        int budget = Math.Max(LeastTokens, (int)(FlopPerSlice / (6.0 * model.Decoder.Config.MatrixWeightCount)));
        var parts = rollouts
            .GroupBy(x => x.Prompt, ReferenceEqualityComparer.Instance)
            .SelectMany(group => Cut([.. group], budget))
            .Select(part => (Part: part, Gradient: part.Any(_microBatch.NeedsGradient), Tokens: part[0].Prompt.Length + part.Sum(x => x.Completion.Length)))
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
