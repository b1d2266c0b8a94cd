using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>How a forward pass attends: over its own sequence (training, scoring), or over a cache (sampling). The layers are the same for both.</summary>
public interface IAttention
{
    /// <summary>Attends in one layer.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="query">Rotated queries <c>[batch, time, heads, head size]</c>.</param>
    /// <param name="key">Rotated keys <c>[batch, time, key-value heads, head size]</c>.</param>
    /// <param name="value">Values, shaped like the keys.</param>
    /// <returns><c>[batch, time, heads × head size]</c>.</returns>
    Tensor Attend(int layer, Tensor query, Tensor key, Tensor value);
}

/// <summary>Causal attention over whole sequences that start at their first column; what stands to the right of a row's end cannot change what is left of it.</summary>
public sealed class CausalAttention : IAttention
{
    public static readonly CausalAttention Instance = new();

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value)
    {
        long batch = query.size(0), time = query.size(1), heads = query.size(2), size = query.size(3);
        var attended = nn.functional.scaled_dot_product_attention(
            query.transpose(1, 2), Repeat(key, heads).transpose(1, 2), Repeat(value, heads).transpose(1, 2), is_casual: true);
        return attended.transpose(1, 2).reshape(batch, time, heads * size);
    }

    /// <summary>Gives each query head its own copy of the key or value head that its group shares.</summary>
    private static Tensor Repeat(Tensor x, long heads)
    {
        long shared = x.size(2);
        return shared == heads ? x : x.unsqueeze(3).expand(x.size(0), x.size(1), shared, heads / shared, x.size(3)).reshape(x.size(0), x.size(1), heads, x.size(3));
    }
}
