using System.Numerics.Tensors;

using RftConsole.Training.Generation;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Grpo;

/// <summary>Sums over the tokens of a micro-batch.</summary>
public sealed record MicroBatchSums(double Loss, double Entropy, double Kl, int ClippedLow, int ClippedHigh, double LogProbabilityGap);

/// <summary>
/// From hidden states to the loss and back, over the whole vocabulary, some tokens at a time: the gradient with respect to the logits is written over them, so
/// that no more than one chunk of logits is ever held.
/// </summary>
internal sealed unsafe class ResponseLoss(Decoder decoder, ForwardPass forward, WorkerTeam team, GrpoOptions options) : IDisposable
{
    /// <summary>Logits that are held at once: 64 MB.</summary>
    public const long LogitsPerChunk = 16_000_000;

    private readonly RowBuffer _logits = new(decoder.Config.VocabularySize);
    private readonly RowBuffer _dNormed = new(decoder.Config.HiddenSize);

    /// <summary>Tokens of a chunk.</summary>
    public int ChunkRows { get; } = (int)Math.Max(Tile.Rows, LogitsPerChunk / decoder.Config.VocabularySize / Tile.Rows * Tile.Rows);

    /// <summary>Log-probabilities of tokens, without a gradient.</summary>
    /// <param name="normed">Hidden states after the last norm.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="targets">The tokens that they predict.</param>
    public float[] LogProbabilities(RowBuffer normed, int first, ReadOnlySpan<int> targets)
    {
        float[] result = new float[targets.Length];
        int[] chosen = targets.ToArray();
        forward.Logits(normed, first, chosen.Length, _logits);
        team.Run(chosen.Length, i =>
        {
            var logits = Scaled(i);
            result[i] = (float)(logits[chosen[i]] - LogSum.Of(logits));
        });
        return result;
    }

    /// <summary>The loss of some tokens and, where <paramref name="back"/> is given, its gradient.</summary>
    /// <param name="normed">Hidden states after the last norm.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="targets">The tokens that they predict.</param>
    /// <param name="inputs">What the loss of each needs but its new log-probability.</param>
    /// <param name="back">Gets the gradient through the last norm.</param>
    /// <param name="rows">The rows of the pass that the hidden states belong to.</param>
    public MicroBatchSums Run(RowBuffer normed, int first, ReadOnlySpan<int> targets, ReadOnlySpan<TokenLossInputs> inputs, BackwardPass? back, ReadOnlySpan<int> rows)
    {
        int count = targets.Length;
        int[] chosen = targets.ToArray();
        var tokens = inputs.ToArray();
        var losses = new TokenLoss[count];
        double[] entropies = new double[count];
        forward.Logits(normed, first, count, _logits);
        team.Run(count, i =>
        {
            var logits = Scaled(i);
            var p = Scratch.Span(0, logits.Length);
            float largest = TensorPrimitives.Max(logits);
            TensorPrimitives.Subtract(logits, largest, p);
            TensorPrimitives.Exp(p, p);
            double sum = LogSum.Sum(p), logSum = largest + Math.Log(sum);
            entropies[i] = logSum - (TensorPrimitives.Dot(p, logits) / sum);
            tokens[i] = tokens[i] with { New = (float)(logits[chosen[i]] - logSum) };
            losses[i] = PolicyLoss.Of(tokens[i], options);
            if (back is not null)
            {
                // d log p(chosen) / d logits = onehot(chosen) − p.
                float slope = (float)(losses[i].Gradient / options.Temperature);
                TensorPrimitives.Multiply(p, (float)(-slope / sum), logits);
                logits[chosen[i]] += slope;
            }
        });
        if (back is not null)
        {
            _dNormed.Reserve(count);
            Product.Backward(team, _dNormed.Pointer, _dNormed.Stride, count, false, new BackwardLayer(decoder.OutputWeight, (nint)_logits.Pointer, _logits.Stride));
            back.ThroughLastNorm(rows, _dNormed);
        }

        return new(
            losses.Sum(x => x.Loss),
            entropies.Sum(),
            losses.Sum(x => x.Kl),
            losses.Count(x => x.ClippedLow),
            losses.Count(x => x.ClippedHigh),
            tokens.Max(x => Math.Abs(x.New - x.Old)));
    }

    public void Dispose()
    {
        _logits.Dispose();
        _dNormed.Dispose();
    }

    private Span<float> Scaled(int row)
    {
        var logits = _logits.Span(row);
        if (options.Temperature != 1)
        {
            TensorPrimitives.Multiply(logits, (float)(1 / options.Temperature), logits);
        }

        return logits;
    }
}
