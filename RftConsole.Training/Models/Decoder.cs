using RftConsole.Training.Kernels;
using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// A decoder of the Llama family (RMSNorm, rotary embedding, grouped-query attention, SwiGLU), with the biases of Qwen2 and the q/k norms of Qwen3.
/// It holds the base model's weights only, packed for the kernels; an adapter is an argument of a pass, so that base and tuned models share them.
/// </summary>
/// <remarks>Everything is fp32. <see cref="ForwardPass"/> runs it. Use it on the compute thread.</remarks>
public sealed unsafe class Decoder : IDisposable
{
    private readonly bool _isMerged;

    private Decoder(DecoderConfig config, PackedMatrix embedding, PackedMatrix output, RowBuffer norm, DecoderLayer[] layers, RotaryTable rotary, bool isMerged)
    {
        (Config, Embedding, OutputWeight, Norm, Layers, Rotary, _isMerged) = (config, embedding, output, norm, layers, rotary, isMerged);
    }

    public DecoderConfig Config { get; }

    /// <summary>Token embeddings, one output a token.</summary>
    internal PackedMatrix Embedding { get; }

    /// <summary>The output layer; the same object as <see cref="Embedding"/> where they are tied.</summary>
    internal PackedMatrix OutputWeight { get; }

    /// <summary>Of the last norm.</summary>
    internal RowBuffer Norm { get; }

    internal DecoderLayer[] Layers { get; }

    internal RotaryTable Rotary { get; }

    /// <summary>Loads the weights.</summary>
    /// <param name="source">The files.</param>
    /// <param name="config">The shape that they must have.</param>
    /// <param name="team">Shares the work; null for none.</param>
    /// <exception cref="WeightFormatException">A file or a tensor is not as the configuration says.</exception>
    public static Decoder Load(IWeightSource source, DecoderConfig config, WorkerTeam? team = null)
    {
        WeightShapes.CheckNames(source, config);
        var loaded = new Dictionary<string, IDisposable>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, shape) in WeightShapes.Of(config))
            {
                // One tensor at a time: what is packed already is not held twice.
                using var scope = NewDisposeScope();
                var tensor = source.Read(name, shape);
                loaded[name] = shape.Length == 1 ? Vector(tensor, shape[0]) : PackedMatrix.Of(TensorMemory.Of(tensor), shape[0], shape[1], team);
            }
        }
        catch
        {
            foreach (var weight in loaded.Values)
            {
                weight.Dispose();
            }

            throw;
        }

        var layers = Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderLayer(
            [.. WeightShapes.LinearLayers.Select(x => (PackedMatrix)loaded[WeightShapes.Name(layer, x)])],
            [.. WeightShapes.LinearLayers.Select(x => (RowBuffer?)loaded.GetValueOrDefault(WeightShapes.Name(layer, x, "bias")))],
            (RowBuffer)loaded[$"model.layers.{layer}.input_layernorm.weight"],
            (RowBuffer)loaded[$"model.layers.{layer}.post_attention_layernorm.weight"],
            (RowBuffer?)loaded.GetValueOrDefault($"model.layers.{layer}.self_attn.q_norm.weight"),
            (RowBuffer?)loaded.GetValueOrDefault($"model.layers.{layer}.self_attn.k_norm.weight"))).ToArray();
        var embedding = (PackedMatrix)loaded["model.embed_tokens.weight"];
        var output = config.TiedEmbeddings ? embedding : (PackedMatrix)loaded["lm_head.weight"];
        return new(config, embedding, output, (RowBuffer)loaded["model.norm.weight"], layers, new RotaryTable(config), isMerged: false);
    }

    /// <summary>
    /// A decoder with linear layers of its own, which <see cref="MergeInto"/> fills. The rest is shared with this decoder, which must outlive it.
    /// </summary>
    public Decoder CreateMerged() => new(Config, Embedding, OutputWeight, Norm, [.. Layers.Select(x => x.WithOwnLinears())], Rotary, isMerged: true);

    /// <summary>Writes this decoder's linear layers with <paramref name="adapter"/> added to them into a decoder that <see cref="CreateMerged"/> made.</summary>
    public void MergeInto(Decoder merged, LoraAdapter adapter, WorkerTeam team)
    {
        using var factors = new LoraFactors(adapter, Config);
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            foreach (var target in Enum.GetValues<LinearTarget>())
            {
                Merge(Layers[layer][target], merged.Layers[layer][target], factors.Find(layer, target), team);
            }
        }
    }

    /// <summary>All weights by name, in the order of <see cref="WeightShapes.Of"/>: a matrix or a vector each.</summary>
    internal IEnumerable<(string Name, PackedMatrix? Matrix, RowBuffer? Vector)> Weights()
    {
        yield return ("model.embed_tokens.weight", Embedding, null);
        for (int i = 0; i < Layers.Length; i++)
        {
            var layer = Layers[i];
            yield return ($"model.layers.{i}.input_layernorm.weight", null, layer.InputNorm);
            yield return ($"model.layers.{i}.post_attention_layernorm.weight", null, layer.PostAttentionNorm);
            foreach (string name in WeightShapes.LinearLayers)
            {
                yield return (WeightShapes.Name(i, name), layer[WeightShapes.TargetOf(name)], null);
                if (layer.Bias(WeightShapes.TargetOf(name)) is { } bias)
                {
                    yield return (WeightShapes.Name(i, name, "bias"), null, bias);
                }
            }

            if (layer.QueryNorm is not null)
            {
                yield return ($"model.layers.{i}.self_attn.q_norm.weight", null, layer.QueryNorm);
                yield return ($"model.layers.{i}.self_attn.k_norm.weight", null, layer.KeyNorm);
            }
        }

        yield return ("model.norm.weight", null, Norm);
        if (!Config.TiedEmbeddings)
        {
            yield return ("lm_head.weight", OutputWeight, null);
        }
    }

    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            if (_isMerged)
            {
                layer.DisposeLinears();
            }
            else
            {
                layer.Dispose();
            }
        }

        if (!_isMerged)
        {
            Embedding.Dispose();
            OutputWeight.Dispose();
            Norm.Dispose();
            Rotary.Dispose();
        }
    }

    private static RowBuffer Vector(Tensor tensor, long length)
    {
        var vector = new RowBuffer(length, 1);
        RowKernels.Copy(TensorMemory.Of(tensor), vector.Pointer, length);
        return vector;
    }

    private static void Merge(PackedMatrix weight, PackedMatrix merged, LoraFactor? factor, WorkerTeam team) => team.Run(weight.PanelCount, panel =>
    {
        float* to = merged.Panel(panel);
        RowKernels.Copy(weight.Panel(panel), to, weight.Inputs * Tile.Columns);
        if (factor is null)
        {
            return;
        }

        // Inputs in whole tiles; what is left of them in a buffer that has the room.
        long whole = weight.Inputs / Tile.Rows * Tile.Rows;
        float* up = factor.Up.Panel(panel);
        Tile.Multiply(factor.DownTransposed.Pointer, factor.DownTransposed.Stride, up, Tile.Columns, factor.Rank, to, Tile.Columns, whole, Tile.Columns, accumulate: true);
        if (whole < weight.Inputs)
        {
            float* rest = stackalloc float[Tile.Rows * Tile.Columns];
            RowKernels.Copy(to + (whole * Tile.Columns), rest, (weight.Inputs - whole) * Tile.Columns);
            Tile.Multiply(factor.DownTransposed.Row(whole), factor.DownTransposed.Stride, up, Tile.Columns, factor.Rank, rest, Tile.Columns, Tile.MostVectors, accumulate: true);
            RowKernels.Copy(rest, to + (whole * Tile.Columns), (weight.Inputs - whole) * Tile.Columns);
        }
    });
}
