using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// The decoder in libtorch's own operations, which can be differentiated in every weight: the independent reference that the tests compare <see cref="Decoder"/> and all
/// gradients with. The commands only hold and change weights in it (<see cref="MergedModel"/>).
/// </summary>
/// <remarks>Weights keep the names of Hugging Face's <c>model.safetensors</c>. Everything is fp32. Use it on the compute thread.</remarks>
public sealed class AutogradDecoder : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _weights;
    private readonly RotaryEmbedding _rotary;
    private readonly LayerWeights[] _layers;
    private readonly Tensor _embedding;
    private readonly Tensor _norm;

    private AutogradDecoder(DecoderConfig config, SortedDictionary<string, Tensor> weights)
    {
        Config = config;
        _weights = weights;
        _rotary = new RotaryEmbedding(config);
        _embedding = weights["model.embed_tokens.weight"];
        _norm = weights["model.norm.weight"];
        OutputWeight = config.TiedEmbeddings ? _embedding : weights["lm_head.weight"];
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(i => new LayerWeights(weights, i))];
    }

    public DecoderConfig Config { get; }

    /// <summary>All weights by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>The output layer <c>[vocabulary, hidden]</c>.</summary>
    public Tensor OutputWeight { get; }

    /// <summary>Loads the weights.</summary>
    /// <exception cref="WeightFormatException">A file or a tensor is not as the configuration says.</exception>
    public static AutogradDecoder Load(IWeightSource source, DecoderConfig config)
    {
        WeightShapes.CheckNames(source, config);
        return Create(config, (name, shape) => source.Read(name, shape));
    }

    /// <summary>
    /// The hidden states after the final norm, <c>[batch, time, hidden]</c>; <see cref="Logits"/> makes logits of those that are needed.
    /// </summary>
    /// <param name="ids">Token ids <c>[batch, time]</c>, int64.</param>
    /// <param name="positions">Positions <c>[batch, time]</c> or <c>[1, time]</c>, int64.</param>
    /// <param name="adapter">The adapter of a tuned model, or null for the base model.</param>
    public Tensor Forward(Tensor ids, Tensor positions, LoraAdapter? adapter)
    {
        var hidden = _embedding.index_select(0, ids.flatten()).view(ids.size(0), ids.size(1), Config.HiddenSize);
        var rotation = _rotary.At(positions);
        for (int i = 0; i < _layers.Length; i++)
        {
            if (is_grad_enabled())
            {
                hidden = Layer(i, hidden, rotation, adapter);
                continue;
            }

            // Nothing comes back for what a layer computed on its way: kept to the end, thirty layers of a long prompt are gigabytes.
            using var scope = NewDisposeScope();
            hidden = Layer(i, hidden, rotation, adapter).MoveToOuterDisposeScope();
        }

        return RmsNorm(hidden, _norm);
    }

    /// <summary>Logits <c>[…, vocabulary]</c> of hidden states <c>[…, hidden]</c>.</summary>
    public Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, OutputWeight);

    public void Dispose()
    {
        _rotary.Dispose();
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }
    }

    private static AutogradDecoder Create(DecoderConfig config, Func<string, long[], Tensor> weight)
    {
        var weights = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, shape) in WeightShapes.Of(config))
            {
                weights[name] = weight(name, shape).DetachFromDisposeScope();
            }

            return new AutogradDecoder(config, weights);
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

    private Tensor Layer(int index, Tensor hidden, (Tensor Cos, Tensor Sin) rotation, LoraAdapter? adapter)
    {
        var w = _layers[index];
        long batch = hidden.size(0), time = hidden.size(1);
        var normed = RmsNorm(hidden, w.InputNorm);
        var q = Linear(index, "q_proj", normed, w.Query, w.QueryBias, adapter).view(batch, time, Config.HeadCount, Config.HeadSize);
        var k = Linear(index, "k_proj", normed, w.Key, w.KeyBias, adapter).view(batch, time, Config.KeyValueHeadCount, Config.HeadSize);
        var v = Linear(index, "v_proj", normed, w.Value, w.ValueBias, adapter).view(batch, time, Config.KeyValueHeadCount, Config.HeadSize);
        if (w.QueryNorm is not null)
        {
            q = RmsNorm(q, w.QueryNorm);
            k = RmsNorm(k, w.KeyNorm!);
        }

        var attended = CausalAttention(RotaryEmbedding.Rotate(q, rotation), RotaryEmbedding.Rotate(k, rotation), v);
        hidden = hidden + Linear(index, "o_proj", attended, w.Output, null, adapter);

        normed = RmsNorm(hidden, w.PostAttentionNorm);
        var gate = Linear(index, "gate_proj", normed, w.Gate, null, adapter);
        var up = Linear(index, "up_proj", normed, w.Up, null, adapter);
        return hidden + Linear(index, "down_proj", nn.functional.silu(gate) * up, w.Down, null, adapter);
    }

    /// <summary>Causal attention over whole sequences that start at their first column; what stands to the right of a row's end cannot change what is left of it.</summary>
    private static Tensor CausalAttention(Tensor query, Tensor key, Tensor value)
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
