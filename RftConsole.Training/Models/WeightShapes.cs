using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>Names and shapes of a decoder's weights, as Hugging Face's model folders name them.</summary>
public static class WeightShapes
{
    private const int MostTensors = 100_000;

    /// <summary>The seven linear layers that an adapter can target.</summary>
    public static IReadOnlyList<string> LinearLayers { get; } = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>The place of a linear layer's name in <see cref="LinearLayers"/>.</summary>
    internal static LinearTarget TargetOf(string name) => (LinearTarget)LinearLayers.ToList().IndexOf(name);

    /// <summary>All weights, in order.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Of(DecoderConfig config)
    {
        yield return ("model.embed_tokens.weight", [config.VocabularySize, config.HiddenSize]);
        for (int i = 0; i < config.LayerCount; i++)
        {
            string prefix = $"model.layers.{i}.";
            yield return (prefix + "input_layernorm.weight", [config.HiddenSize]);
            yield return (prefix + "post_attention_layernorm.weight", [config.HiddenSize]);
            foreach (string layer in LinearLayers)
            {
                var (rows, columns) = Linear(config, layer);
                yield return (Name(i, layer), [rows, columns]);
                if (config.QueryKeyValueBias && layer is ("q_proj" or "k_proj" or "v_proj"))
                {
                    yield return (Name(i, layer, "bias"), [rows]);
                }
            }

            if (config.QueryKeyNorm)
            {
                yield return (prefix + "self_attn.q_norm.weight", [config.HeadSize]);
                yield return (prefix + "self_attn.k_norm.weight", [config.HeadSize]);
            }
        }

        yield return ("model.norm.weight", [config.HiddenSize]);
        if (!config.TiedEmbeddings)
        {
            yield return ("lm_head.weight", [config.VocabularySize, config.HiddenSize]);
        }
    }

    /// <summary>The name of a linear layer's weight or bias.</summary>
    public static string Name(int layer, string target, string kind = "weight") => $"model.layers.{layer}.{Block(target)}.{target}.{kind}";

    /// <summary>The block that a linear layer belongs to: <c>self_attn</c> or <c>mlp</c>.</summary>
    public static string Block(string layer) => layer is "gate_proj" or "up_proj" or "down_proj" ? "mlp" : "self_attn";

    /// <summary>Output and input width of a linear layer.</summary>
    public static (long Rows, long Columns) Linear(DecoderConfig config, string layer) => layer switch
    {
        "q_proj" => (config.HeadCount * config.HeadSize, config.HiddenSize),
        "k_proj" or "v_proj" => (config.KeyValueHeadCount * config.HeadSize, config.HiddenSize),
        "o_proj" => (config.HiddenSize, config.HeadCount * config.HeadSize),
        "gate_proj" or "up_proj" => (config.IntermediateSize, config.HiddenSize),
        "down_proj" => (config.HiddenSize, config.IntermediateSize),
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "not a linear layer"),
    };

    /// <summary>Refuses weights that the decoder would leave out.</summary>
    /// <exception cref="WeightFormatException">A tensor has no place in the model, or there are too many layers.</exception>
    internal static void CheckNames(IWeightSource source, DecoderConfig config)
    {
        var wanted = Of(config).Take(MostTensors + 1).Select(x => x.Name).ToHashSet();
        if (wanted.Count > MostTensors)
        {
            throw new WeightFormatException(source.Path, null, $"{config.LayerCount} layers are more than this engine loads");
        }

        // A tensor that nothing uses would mean other numbers than the model's: a bias, an expert, a further norm.
        if (source.Names.FirstOrDefault(x => !wanted.Contains(x) && !IsRedundant(x)) is { } unknown)
        {
            throw new WeightFormatException(source.Path, unknown, $"the tensor has no place in a {config.ModelType} model of this configuration");
        }

        // A second copy of tied embeddings, and the buffers that old versions of transformers saved.
        bool IsRedundant(string name) =>
            (config.TiedEmbeddings && name == "lm_head.weight") || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || name.EndsWith(".masked_bias", StringComparison.Ordinal);
    }
}
