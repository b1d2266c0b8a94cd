using System.Numerics.Tensors;

using RftConsole.Training.Generation;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Supervised;

/// <summary>
/// From hidden states to the cross-entropy of given tokens and back, some rows at a time: the gradient with respect to the logits is written over them, and goes from
/// there to the output layer and through the last norm.
/// </summary>
internal sealed unsafe class CrossEntropy(Decoder decoder, ForwardPass forward, BackwardPass back, TrainableWeights gradients, WorkerTeam team) : IDisposable
{
    /// <summary>Rows whose logits are held at once.</summary>
    private const int ChunkRows = 512;

    private readonly RowBuffer _normed = new(decoder.Config.HiddenSize);
    private readonly RowBuffer _dNormed = new(decoder.Config.HiddenSize);
    private readonly RowBuffer _logits = new(decoder.Config.VocabularySize);

    /// <summary>Adds the gradients of Σ weight · −log p(target); returns that sum.</summary>
    /// <param name="rows">Rows of the forward pass.</param>
    /// <param name="targets">The token that each predicts.</param>
    /// <param name="weights">The weight of each.</param>
    public double Run(int[] rows, int[] targets, float[] weights)
    {
        double loss = 0;
        for (int first = 0; first < rows.Length; first += ChunkRows)
        {
            int count = Math.Min(ChunkRows, rows.Length - first);
            loss += Run(rows.AsSpan(first, count), targets.AsMemory(first, count), weights.AsMemory(first, count));
        }

        return loss;
    }

    public void Dispose()
    {
        _normed.Dispose();
        _dNormed.Dispose();
        _logits.Dispose();
    }

    private double Run(ReadOnlySpan<int> rows, ReadOnlyMemory<int> targets, ReadOnlyMemory<float> weights)
    {
        int count = rows.Length;
        double[] losses = new double[count];
        forward.NormLast(rows, _normed);
        forward.Logits(_normed, 0, count, _logits);
        RowKernels.ForEach(team, count, _logits.Width, i => losses[i] = Differentiate(_logits.Span(i), targets.Span[i], weights.Span[i]));

        _dNormed.Reserve(count);
        Product.Backward(team, _dNormed.Pointer, _dNormed.Stride, count, false, new BackwardLayer(decoder.OutputWeight, (nint)_logits.Pointer, _logits.Stride));
        gradients.AddOutput(_normed, 0, _logits, count);
        back.ThroughLastNorm(rows, _dNormed);
        return losses.Sum();
    }

    /// <summary>Writes the gradient weight · (p − onehot) over the logits; returns the loss.</summary>
    private static double Differentiate(Span<float> logits, int target, float weight)
    {
        float largest = TensorPrimitives.Max(logits), chosen = logits[target];
        TensorPrimitives.Subtract(logits, largest, logits);
        TensorPrimitives.Exp(logits, logits);
        double sum = LogSum.Sum(logits);
        TensorPrimitives.Multiply(logits, (float)(weight / sum), logits);
        logits[target] -= weight;
        return weight * (largest + Math.Log(sum) - chosen);
    }
}
