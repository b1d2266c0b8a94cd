using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>The linear layers of a decoder layer, in the order of <see cref="WeightShapes.LinearLayers"/>.</summary>
internal enum LinearTarget
{
    Query,
    Key,
    Value,
    Output,
    Gate,
    Up,
    Down,
}

/// <summary>The weights of one layer.</summary>
internal sealed class DecoderLayer(
    PackedMatrix[] linears, RowBuffer?[] biases, RowBuffer inputNorm, RowBuffer postAttentionNorm, RowBuffer? queryNorm, RowBuffer? keyNorm) : IDisposable
{
    /// <summary>Of the norm before attention.</summary>
    public RowBuffer InputNorm { get; } = inputNorm;

    /// <summary>Of the norm before the MLP.</summary>
    public RowBuffer PostAttentionNorm { get; } = postAttentionNorm;

    /// <summary>Of each head's query (Qwen3), or null.</summary>
    public RowBuffer? QueryNorm { get; } = queryNorm;

    /// <summary>Of each head's key (Qwen3), or null.</summary>
    public RowBuffer? KeyNorm { get; } = keyNorm;

    public PackedMatrix this[LinearTarget target] => linears[(int)target];

    /// <summary>Of a linear layer (Qwen2), or null.</summary>
    public RowBuffer? Bias(LinearTarget target) => biases[(int)target];

    /// <summary>A layer with linear layers of its own that shares everything else with this one.</summary>
    public DecoderLayer WithOwnLinears() =>
        new([.. linears.Select(x => new PackedMatrix(x.Outputs, x.Inputs))], biases, InputNorm, PostAttentionNorm, QueryNorm, KeyNorm);

    /// <summary>Frees the linear layers alone: the rest of a merged layer belongs to its base model.</summary>
    public void DisposeLinears()
    {
        foreach (var linear in linears)
        {
            linear.Dispose();
        }
    }

    public void Dispose()
    {
        DisposeLinears();
        foreach (var vector in (RowBuffer?[])[.. biases, InputNorm, PostAttentionNorm, QueryNorm, KeyNorm])
        {
            vector?.Dispose();
        }
    }
}
