using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Grpo;

/// <summary>The gradients of an adapter's factors, added up over micro-batches. The base model's weights have none.</summary>
internal sealed unsafe class LoraGradients(LoraAdapter adapter, LoraFactors factors, DecoderConfig config, WorkerTeam team) : IWeightGradients, IDisposable
{
    private readonly Dictionary<(int Layer, LinearTarget Target), (RowBuffer Down, RowBuffer Up)> _sums = adapter.Linears.ToDictionary(
        x => (x.Layer, WeightShapes.TargetOf(x.Target)),
        x => (new RowBuffer(WeightShapes.Linear(config, x.Target).Columns, x.Linear.A.size(0)), new RowBuffer(WeightShapes.Linear(config, x.Target).Rows, x.Linear.A.size(0))));

    private readonly RowBuffer _turned = new(Tile.Lanes);

    private readonly Dictionary<long, (RowBuffer Low, RowBuffer Gradient)> _low = [];

    /// <inheritdoc/>
    public bool IncludeEmbeddings => false;

    /// <inheritdoc/>
    public void AddLinears(int layer, RowBuffer input, ReadOnlySpan<(LinearTarget Target, RowBuffer Gradient)> outputs, int rows)
    {
        foreach (var (target, gradient) in outputs)
        {
            if (factors.Find(layer, target) is not { } factor)
            {
                continue;
            }

            // U = X·Aᵀ, computed again, and dU = dY·(scale·B).
            var (low, dLow) = Low(factor.Rank, rows);
            Product.Forward(team, input.Pointer, input.Stride, rows, new LinearLayer(factor.Down, (nint)low.Pointer, low.Stride));
            Product.Backward(team, dLow.Pointer, dLow.Stride, rows, false, new BackwardLayer(factor.Up, (nint)gradient.Pointer, gradient.Stride));

            // dA += dUᵀ·X, and dBᵀ += Uᵀ·dY: few rows, and the tokens as inner dimension.
            var (down, up) = _sums[(layer, target)];
            Product.Thin(team, Turn(dLow, rows), Stride(rows), (int)factor.Rank, input.Pointer, input.Stride, rows, down.Width, down.Pointer, down.Stride);
            Product.Thin(team, Turn(low, rows), Stride(rows), (int)factor.Rank, gradient.Pointer, gradient.Stride, rows, up.Width, up.Pointer, up.Stride);
        }
    }

    /// <inheritdoc/>
    public void AddNorm(RowBuffer weight, RowBuffer input, ReadOnlySpan<int> chosen, RowBuffer gradient, int rows)
    {
        // An adapter has no part in the norms.
    }

    /// <summary>Adds the sums to the gradients of the adapter's tensors, and begins anew.</summary>
    public void MoveTo(LoraAdapter to)
    {
        foreach (var (layer, name, linear) in to.Linears)
        {
            var (down, up) = _sums[(layer, WeightShapes.TargetOf(name))];
            float* a = Gradient(linear.A);
            float* b = Gradient(linear.B);
            long rank = linear.A.size(0);
            for (long r = 0; r < rank; r++)
            {
                for (long i = 0; i < down.Width; i++)
                {
                    a[(r * down.Width) + i] += down.Row(r)[i];
                }

                for (long i = 0; i < up.Width; i++)
                {
                    b[(i * rank) + r] += (float)linear.Scale * up.Row(r)[i];
                }

                down.Span(r).Clear();
                up.Span(r).Clear();
            }
        }
    }

    public void Dispose()
    {
        _turned.Dispose();
        foreach (var (first, second) in _sums.Values.Concat(_low.Values))
        {
            first.Dispose();
            second.Dispose();
        }
    }

    private static long Stride(int rows) => Tile.RoundUp(rows, Tile.Lanes);

    private static float* Gradient(Tensor parameter)
    {
        // The parameter itself holds its gradient; what is made here are only handles to it.
        if (parameter.grad is not { } gradient)
        {
            parameter.grad = gradient = zeros_like(parameter);
        }

        return TensorMemory.Of(gradient);
    }

    private (RowBuffer Low, RowBuffer Gradient) Low(long rank, int rows)
    {
        if (!_low.TryGetValue(rank, out var low))
        {
            low = _low[rank] = (new(rank), new(rank));
        }

        low.Low.Reserve(rows);
        low.Gradient.Reserve(rows);
        return low;
    }

    private float* Turn(RowBuffer from, int rows)
    {
        _turned.Reserve(Tile.RoundUp(from.Width, Tile.Rows) * Stride(rows) / Tile.Lanes);
        Tile.Transpose(from.Pointer, from.Stride, rows, from.Width, _turned.Pointer, Stride(rows));
        return _turned.Pointer;
    }
}
