using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Grpo;

/// <summary>The gradients of an adapter's factors, added up over micro-batches.</summary>
internal sealed unsafe class LoraGradients(LoraAdapter adapter, DecoderConfig config, WorkerTeam team) : IDisposable
{
    private readonly Dictionary<(int Layer, LinearTarget Target), (RowBuffer Down, RowBuffer Up)> _sums = adapter.Linears.ToDictionary(
        x => (x.Layer, WeightShapes.TargetOf(x.Target)),
        x => (new RowBuffer(WeightShapes.Linear(config, x.Target).Columns, x.Linear.A.size(0)), new RowBuffer(WeightShapes.Linear(config, x.Target).Rows, x.Linear.A.size(0))));

    private readonly RowBuffer _turned = new(Tile.Lanes);

    /// <summary>Adds the gradients of one linear layer.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="target">The linear layer.</param>
    /// <param name="input">X, its input.</param>
    /// <param name="low">U = X·Aᵀ.</param>
    /// <param name="gradient">dY, the gradient with respect to its output.</param>
    /// <param name="dLow">dU, the gradient with respect to U.</param>
    /// <param name="rows">Rows of all of these.</param>
    public void Add(int layer, LinearTarget target, RowBuffer input, RowBuffer low, RowBuffer gradient, RowBuffer dLow, int rows)
    {
        var (down, up) = _sums[(layer, target)];
        int rank = (int)low.Width;

        // dA += dUᵀ·X, and dBᵀ += Uᵀ·dY: few rows, and the tokens as inner dimension.
        Product.Thin(team, Turn(dLow, rows), Stride(rows), rank, input.Pointer, input.Stride, rows, down.Width, down.Pointer, down.Stride);
        Product.Thin(team, Turn(low, rows), Stride(rows), rank, gradient.Pointer, gradient.Stride, rows, up.Width, up.Pointer, up.Stride);
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
        foreach (var (down, up) in _sums.Values)
        {
            down.Dispose();
            up.Dispose();
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

    private float* Turn(RowBuffer from, int rows)
    {
        _turned.Reserve(Tile.RoundUp(from.Width, Tile.Rows) * Stride(rows) / Tile.Lanes);
        Tile.Transpose(from.Pointer, from.Stride, rows, from.Width, _turned.Pointer, Stride(rows));
        return _turned.Pointer;
    }
}
