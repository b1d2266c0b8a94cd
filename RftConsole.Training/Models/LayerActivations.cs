using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>What one layer computes on its way, one row a token. A pass without a way back uses one set for all layers, training one set a layer.</summary>
internal sealed class LayerActivations(DecoderConfig config) : IDisposable
{
    private readonly RowBuffer?[] _low = new RowBuffer?[WeightShapes.LinearLayers.Count];

    /// <summary>The residual stream before the layer.</summary>
    public RowBuffer Input { get; } = new(config.HiddenSize);

    /// <summary>1 / rms of <see cref="Input"/> and of <see cref="Middle"/>.</summary>
    public RowBuffer InverseNorms { get; } = new(2);

    /// <summary>Queries, rotated.</summary>
    public RowBuffer Query { get; } = new((long)config.HeadCount * config.HeadSize);

    /// <summary>Keys, rotated.</summary>
    public RowBuffer Key { get; } = new((long)config.KeyValueHeadCount * config.HeadSize);

    public RowBuffer Value { get; } = new((long)config.KeyValueHeadCount * config.HeadSize);

    /// <summary>Queries before their norm, where the model has one.</summary>
    public RowBuffer? PlainQuery { get; } = config.QueryKeyNorm ? new((long)config.HeadCount * config.HeadSize) : null;

    /// <summary>Keys before their norm, where the model has one.</summary>
    public RowBuffer? PlainKey { get; } = config.QueryKeyNorm ? new((long)config.KeyValueHeadCount * config.HeadSize) : null;

    public RowBuffer Attended { get; } = new((long)config.HeadCount * config.HeadSize);

    /// <summary>The residual stream between attention and MLP.</summary>
    public RowBuffer Middle { get; } = new(config.HiddenSize);

    public RowBuffer Gate { get; } = new(config.IntermediateSize);

    public RowBuffer Up { get; } = new(config.IntermediateSize);

    /// <summary>The input of a linear layer times the adapter's first factor.</summary>
    public RowBuffer Low(LinearTarget target, long rank)
    {
        if (_low[(int)target] is not { } low || low.Width != rank)
        {
            _low[(int)target]?.Dispose();
            low = _low[(int)target] = new RowBuffer(rank);
        }

        return low;
    }

    public void Reserve(int rows)
    {
        foreach (var buffer in All())
        {
            buffer.Reserve(rows);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in All().Concat(_low.OfType<RowBuffer>()))
        {
            buffer.Dispose();
        }
    }

    private IEnumerable<RowBuffer> All() =>
        ((RowBuffer?[])[Input, InverseNorms, Query, Key, Value, PlainQuery, PlainKey, Attended, Middle, Gate, Up]).OfType<RowBuffer>();
}
