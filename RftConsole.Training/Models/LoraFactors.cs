using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>The factors of one adapted linear layer in the orders that the kernels read.</summary>
internal sealed unsafe class LoraFactor : IDisposable
{
    public LoraFactor(LoraLinear linear)
    {
        (Rank, long inputs, long outputs) = (linear.A.size(0), linear.A.size(1), linear.B.size(0));
        Down = new PackedMatrix(Rank, inputs);
        DownTransposed = new RowBuffer(Rank, inputs);
        Up = new PackedMatrix(outputs, Rank);
        Set(linear);
    }

    public long Rank { get; }

    /// <summary>A, for U = X·Aᵀ.</summary>
    public PackedMatrix Down { get; }

    /// <summary>Aᵀ, <c>[input, rank]</c>.</summary>
    public RowBuffer DownTransposed { get; }

    /// <summary>scale · B, for Y += U·(scale·B)ᵀ.</summary>
    public PackedMatrix Up { get; }

    /// <summary>Takes over changed factors.</summary>
    public void Set(LoraLinear linear)
    {
        float* a = TensorMemory.Of(linear.A);
        long inputs = Down.Inputs;
        Down.Set(a, inputs);
        Tile.Transpose(a, inputs, Rank, inputs, DownTransposed.Pointer, DownTransposed.Stride);
        Up.Set(TensorMemory.Of(linear.B), Rank, (float)linear.Scale);
    }

    public void Dispose()
    {
        Down.Dispose();
        DownTransposed.Dispose();
        Up.Dispose();
    }
}

/// <summary>An adapter's factors for the kernels: a copy, made for one generation or one update.</summary>
internal sealed class LoraFactors : IDisposable
{
    private readonly LoraFactor?[,] _factors;

    public LoraFactors(LoraAdapter adapter, DecoderConfig config)
    {
        _factors = new LoraFactor?[config.LayerCount, WeightShapes.LinearLayers.Count];
        foreach (var (layer, target, linear) in adapter.Linears)
        {
            _factors[layer, (int)WeightShapes.TargetOf(target)] = new LoraFactor(linear);
        }
    }

    /// <summary>The factors of a linear layer, or null where the adapter leaves it alone.</summary>
    public LoraFactor? Find(int layer, LinearTarget target) => _factors[layer, (int)target];

    /// <summary>Takes over changed factors.</summary>
    public void Set(LoraAdapter adapter)
    {
        foreach (var (layer, target, linear) in adapter.Linears)
        {
            _factors[layer, (int)WeightShapes.TargetOf(target)]!.Set(linear);
        }
    }

    public void Dispose()
    {
        foreach (var factor in _factors)
        {
            factor?.Dispose();
        }
    }
}
