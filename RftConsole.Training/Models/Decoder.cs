using RftConsole.Training.Compute;
using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// A decoder of the Llama family (RMSNorm, rotary embedding, grouped-query attention, SwiGLU), with the biases of Qwen2 and the q/k norms of Qwen3.
/// It holds the base model's weights only; an adapter is an argument of the forward pass, so that base and tuned models share them.
/// </summary>
/// <remarks>Weights keep the names of Hugging Face's <c>model.safetensors</c>. Everything is fp32. Use it on the compute thread.</remarks>
public sealed class Decoder : IDisposable
{
    private const int MostTensors = 100_000;

    private readonly SortedDictionary<string, Tensor> _weights;
    private readonly RotaryEmbedding _rotary;
    private readonly PackedLinears? _packed;
    private readonly LayerWeights[] _layers;
    private readonly Tensor _embedding;
    private readonly Tensor _norm;

    private Decoder(DecoderConfig config, SortedDictionary<string, Tensor> weights)
        : this(config, weights, new RotaryEmbedding(config), null)
    {
    }

    private Decoder(DecoderConfig config, SortedDictionary<string, Tensor> weights, RotaryEmbedding rotary, PackedLinears? packed)
    {
        Config = config;
        _weights = weights;
        _rotary = rotary;
        _packed = packed;
        _embedding = weights["model.embed_tokens.weight"];
        _norm = weights["model.norm.weight"];
        OutputWeight = config.TiedEmbeddings ? _embedding : weights["lm_head.weight"];
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(i => new LayerWeights(weights, i))];
    }

    public DecoderConfig Config { get; }

    /// <summary>All weights by name: what pretraining trains and saves.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>The output layer <c>[vocabulary, hidden]</c>.</summary>
    public Tensor OutputWeight { get; }

    /// <summary>Loads the weights.</summary>
    /// <exception cref="WeightFormatException">A file or a tensor is not as the configuration says.</exception>
    public static Decoder Load(IWeightSource source, DecoderConfig config)
    {
        CheckNames(source, config);
        return Create(config, (name, shape) => source.Read(name, shape));
    }

    /// <summary>Refuses weights that this decoder would leave out.</summary>
    /// <exception cref="WeightFormatException">A tensor has no place in the model, or there are too many layers.</exception>
    internal static void CheckNames(IWeightSource source, DecoderConfig config)
    {
        var wanted = WeightShapes.Of(config).Take(MostTensors + 1).Select(x => x.Name).ToHashSet();
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

    /// <summary>A decoder with random weights: normal with standard deviation 0.02, the projections into the residual stream smaller with depth (GPT-2).</summary>
    public static Decoder Random(DecoderConfig config, long seed)
    {
        double deep = 0.02 / Math.Sqrt(2.0 * config.LayerCount);
        ulong stream = 0;
        return Create(
            config,
            (name, shape) =>
            {
                stream++;
                if (shape.Length == 1)
                {
                    return name.EndsWith("bias", StringComparison.Ordinal) ? zeros(shape) : ones(shape);
                }

                double deviation = name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal) ? deep : 0.02;
                float[] values = new float[shape[0] * shape[1]];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(deviation * CounterRandom.Normal((ulong)seed, stream, (ulong)i));
                }

                return tensor(values, shape);
            });
    }

    /// <summary>
    /// The hidden states after the final norm, <c>[batch, time, hidden]</c>; <see cref="Logits"/> makes logits of those that are needed.
    /// </summary>
    /// <param name="ids">Token ids <c>[batch, time]</c>, int64.</param>
    /// <param name="positions">Positions <c>[batch, time]</c> or <c>[1, time]</c>, int64.</param>
    /// <param name="attention">How to attend.</param>
    /// <param name="adapter">The adapter of a tuned model, or null for the base model.</param>
    public Tensor Forward(Tensor ids, Tensor positions, IAttention attention, LoraAdapter? adapter)
    {
        var hidden = _embedding.index_select(0, ids.flatten()).view(ids.size(0), ids.size(1), Config.HiddenSize);
        var rotation = _rotary.At(positions);
        for (int i = 0; i < _layers.Length; i++)
        {
            if (is_grad_enabled())
            {
                hidden = Layer(i, hidden, rotation, attention, adapter);
                continue;
            }

            // Nothing comes back for what a layer computed on its way: kept to the end, thirty layers of a long prompt are gigabytes.
            using var scope = NewDisposeScope();
            hidden = Layer(i, hidden, rotation, attention, adapter).MoveToOuterDisposeScope();
        }

        return RmsNorm(hidden, _norm);
    }

    /// <summary>Logits <c>[…, vocabulary]</c> of hidden states <c>[…, hidden]</c>.</summary>
    public Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, OutputWeight);

    /// <summary>
    /// A decoder for sampling, with linear layers of its own: those that share an input are packed into one product. The rest is shared with this decoder, which
    /// must outlive it. <see cref="MergeInto"/> fills it.
    /// </summary>
    public Decoder CreateSampler()
    {
        var packed = new PackedLinears(Config, _weights);
        return new(Config, packed.ReplaceIn(_weights), _rotary, packed);
    }

    /// <summary>Writes this decoder's linear layers with <paramref name="adapter"/> added to them into a sampler of it.</summary>
    public void MergeInto(Decoder sampler, LoraAdapter adapter)
    {
        using var noGradient = no_grad();
        for (int layer = 0; layer < Config.LayerCount; layer++)
        {
            foreach (string target in WeightShapes.LinearLayers)
            {
                string name = WeightShapes.Name(layer, target);
                var merged = sampler._weights[name].copy_(_weights[name]);
                if (adapter.Find(layer, target) is { } lora)
                {
                    merged.addmm_(lora.B, lora.A, 1, (float)lora.Scale);
                }
            }
        }
    }

    public void Dispose()
    {
        if (_packed is not null)
        {
            // The rest is another decoder's.
            _packed.Dispose();
            return;
        }

        _rotary.Dispose();
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }
    }

    private static Decoder Create(DecoderConfig config, Func<string, long[], Tensor> weight)
    {
        var weights = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, shape) in WeightShapes.Of(config))
            {
                weights[name] = weight(name, shape).DetachFromDisposeScope();
            }

            return new Decoder(config, weights);
        }
        catch
        {
            foreach (var loaded in weights.Values)
            {
                loaded.Dispose();
            }

            throw;
        }
    }

    private static Tensor Linear(int layer, string target, Tensor x, Tensor weight, Tensor? bias, LoraAdapter? adapter)
    {
        var y = nn.functional.linear(x, weight, bias);
        return adapter?.Find(layer, target) is { } lora ? lora.AddTo(y, x) : y;
    }

    private Tensor Layer(int index, Tensor hidden, (Tensor Cos, Tensor Sin) rotation, IAttention attention, LoraAdapter? adapter)
    {
        var w = _layers[index];
        long batch = hidden.size(0), time = hidden.size(1);
        var normed = RmsNorm(hidden, w.InputNorm);
        var parts = _packed is not null
            ? _packed.Attention(index, normed)
            : [Linear(index, "q_proj", normed, w.Query, w.QueryBias, adapter), Linear(index, "k_proj", normed, w.Key, w.KeyBias, adapter), Linear(index, "v_proj", normed, w.Value, w.ValueBias, adapter)];
        var q = parts[0].view(batch, time, Config.HeadCount, Config.HeadSize);
        var k = parts[1].view(batch, time, Config.KeyValueHeadCount, Config.HeadSize);
        var v = parts[2].view(batch, time, Config.KeyValueHeadCount, Config.HeadSize);
        if (w.QueryNorm is not null)
        {
            q = RmsNorm(q, w.QueryNorm);
            k = RmsNorm(k, w.KeyNorm!);
        }

        var attended = attention.Attend(index, RotaryEmbedding.Rotate(q, rotation), RotaryEmbedding.Rotate(k, rotation), v);
        hidden = hidden + Linear(index, "o_proj", attended, w.Output, null, adapter);

        normed = RmsNorm(hidden, w.PostAttentionNorm);
        parts = _packed is not null
            ? _packed.Mlp(index, normed)
            : [Linear(index, "gate_proj", normed, w.Gate, null, adapter), Linear(index, "up_proj", normed, w.Up, null, adapter)];
        return hidden + Linear(index, "down_proj", nn.functional.silu(parts[0]) * parts[1], w.Down, null, adapter);
    }

    private Tensor RmsNorm(Tensor x, Tensor weight) => x * (x.square().mean([-1], keepdim: true) + Config.NormEpsilon).rsqrt_() * weight;

    private sealed class LayerWeights(SortedDictionary<string, Tensor> weights, int layer)
    {
        public readonly Tensor InputNorm = Of(weights, layer, "input_layernorm.weight")!;
        public readonly Tensor Query = Of(weights, layer, "self_attn.q_proj.weight")!;
        public readonly Tensor Key = Of(weights, layer, "self_attn.k_proj.weight")!;
        public readonly Tensor Value = Of(weights, layer, "self_attn.v_proj.weight")!;
        public readonly Tensor? QueryBias = Of(weights, layer, "self_attn.q_proj.bias");
        public readonly Tensor? KeyBias = Of(weights, layer, "self_attn.k_proj.bias");
        public readonly Tensor? ValueBias = Of(weights, layer, "self_attn.v_proj.bias");
        public readonly Tensor? QueryNorm = Of(weights, layer, "self_attn.q_norm.weight");
        public readonly Tensor? KeyNorm = Of(weights, layer, "self_attn.k_norm.weight");
        public readonly Tensor Output = Of(weights, layer, "self_attn.o_proj.weight")!;
        public readonly Tensor PostAttentionNorm = Of(weights, layer, "post_attention_layernorm.weight")!;
        public readonly Tensor Gate = Of(weights, layer, "mlp.gate_proj.weight")!;
        public readonly Tensor Up = Of(weights, layer, "mlp.up_proj.weight")!;
        public readonly Tensor Down = Of(weights, layer, "mlp.down_proj.weight")!;

        private static Tensor? Of(SortedDictionary<string, Tensor> weights, int layer, string name) => weights.GetValueOrDefault($"model.layers.{layer}.{name}");
    }
}
