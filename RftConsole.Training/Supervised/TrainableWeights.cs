using System.Numerics.Tensors;

using RftConsole.Training.Kernels;
using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;

namespace RftConsole.Training.Supervised;

/// <summary>Every weight of a decoder with its gradient and moments: where gradients add up on the way back, and what an update changes.</summary>
internal sealed unsafe class TrainableWeights : IWeightGradients, IDisposable
{
    /// <summary>Rows whose share in a norm's gradient is summed at a time, which decides the last bits of the sum.</summary>
    private const int RowsAtATime = 256;

    private readonly Decoder _decoder;
    private readonly WorkerTeam _team;
    private readonly TrainableWeight[] _weights;
    private readonly Dictionary<object, PackedNumbers> _gradients = new(ReferenceEqualityComparer.Instance);
    private readonly RowBuffer _sums;

    /// <exception cref="NotSupportedException">The decoder has biases or norms of heads, for which there are no gradients.</exception>
    public TrainableWeights(Decoder decoder, WorkerTeam team)
    {
        if (decoder.Config is { QueryKeyValueBias: true } or { QueryKeyNorm: true })
        {
            throw new NotSupportedException("Every weight is trained in models of the Llama family only.");
        }

        (_decoder, _team, _sums) = (decoder, team, new RowBuffer(decoder.Config.HiddenSize));
        _weights = [.. decoder.Weights().Select(x => new TrainableWeight(x.Name, x.Matrix, x.Vector))];
        foreach (var (weight, (_, matrix, vector)) in _weights.Zip(decoder.Weights()))
        {
            _gradients[(object?)matrix ?? vector!] = weight.Gradient;
        }
    }

    /// <summary>The weights, in the order of <see cref="WeightShapes.Of"/>.</summary>
    public IReadOnlyList<TrainableWeight> All => _weights;

    /// <inheritdoc/>
    public bool IncludeEmbeddings => true;

    /// <inheritdoc/>
    public void AddLinears(int layer, RowBuffer input, ReadOnlySpan<(LinearTarget Target, RowBuffer Gradient)> outputs, int rows)
    {
        var layers = new GradientLayer[outputs.Length];
        for (int i = 0; i < layers.Length; i++)
        {
            var (target, gradient) = outputs[i];
            layers[i] = new(_gradients[_decoder.Layers[layer][target]].Matrix, (nint)gradient.Pointer, gradient.Stride);
        }

        Product.AddGradients(_team, input.Pointer, input.Stride, rows, layers);
    }

    /// <summary>Adds the gradient of the output layer.</summary>
    /// <param name="normed">Hidden states after the last norm.</param>
    /// <param name="first">The first that counts.</param>
    /// <param name="gradient">The gradient with respect to the logits, <c>[rows, vocabulary]</c>.</param>
    /// <param name="rows">Rows of the gradient.</param>
    public void AddOutput(RowBuffer normed, int first, RowBuffer gradient, int rows) =>
        Product.AddGradients(_team, normed.Row(first), normed.Stride, rows, new GradientLayer(_gradients[_decoder.OutputWeight].Matrix, (nint)gradient.Pointer, gradient.Stride));

    /// <inheritdoc/>
    public void AddNorm(RowBuffer weight, RowBuffer input, ReadOnlySpan<int> chosen, RowBuffer gradient, int rows)
    {
        // y = w ∘ x / rms(x), so dw = Σ dy ∘ x / rms(x).
        int width = _decoder.Config.HiddenSize, pieces = (rows + RowsAtATime - 1) / RowsAtATime;
        int[] places = chosen.ToArray();
        _sums.Reserve(pieces);
        _team.Run(pieces, piece =>
        {
            var sum = _sums.Span(piece);
            sum.Clear();
            var product = Scratch.Span(0, width);
            for (int row = piece * RowsAtATime; row < Math.Min(rows, (piece + 1) * RowsAtATime); row++)
            {
                float* x = input.Row(places.Length > 0 ? places[row] : row);
                TensorPrimitives.Multiply(new ReadOnlySpan<float>(x, width), gradient.Span(row), product);
                TensorPrimitives.MultiplyAdd(product, RowKernels.InverseRms(x, width, _decoder.Config.NormEpsilon), sum, sum);
            }
        });
        var total = new Span<float>(_gradients[weight].Pointer, width);
        for (int piece = 0; piece < pieces; piece++)
        {
            TensorPrimitives.Add(total, _sums.Span(piece), total);
        }
    }

    /// <summary>Adds the gradients of embeddings that were looked up.</summary>
    /// <param name="ids">The token of each row.</param>
    /// <param name="gradient">The gradient with respect to each row's embedding.</param>
    public void AddEmbeddings(int[] ids, RowBuffer gradient)
    {
        // A thread has some panels for itself and goes through the rows in order.
        var matrix = _gradients[_decoder.Embedding].Matrix;
        _team.Run(matrix.PanelCount, panel =>
        {
            for (int row = 0; row < ids.Length; row++)
            {
                if (ids[row] / Tile.Columns != panel)
                {
                    continue;
                }

                float* from = gradient.Row(row), to = matrix.Panel(panel) + (ids[row] % Tile.Columns);
                for (long i = 0; i < matrix.Inputs; i++)
                {
                    to[i * Tile.Columns] += from[i];
                }
            }
        });
    }

    /// <summary>The joint Euclidean norm of all gradients.</summary>
    public double GradientNorm() => Math.Sqrt(_weights.Sum(x => AdamWKernel.SumOfSquares(_team, x.Gradient.Pointer, x.Gradient.Length)));

    /// <summary>One update by AdamW, which clears the gradients.</summary>
    /// <param name="options">AdamW's constants.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="step">The update's number, from 1.</param>
    /// <param name="gradientScale">What gradients are multiplied by first.</param>
    public void Step(AdamWOptions options, double learningRate, int step, double gradientScale)
    {
        foreach (var weight in _weights)
        {
            AdamWKernel.Step(_team, weight.Value.Pointer, weight.Gradient.Pointer, weight.First.Pointer, weight.Second.Pointer, weight.Value.Length, options, learningRate, step, gradientScale);
        }
    }

    public void Dispose()
    {
        _sums.Dispose();
        foreach (var weight in _weights)
        {
            weight.Dispose();
        }
    }
}
