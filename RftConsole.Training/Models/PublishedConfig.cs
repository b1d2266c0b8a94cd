using System.Text.Json;

namespace RftConsole.Training.Models;

/// <summary>Writes a decoder's shape as the <c>config.json</c> that transformers and this engine read.</summary>
internal static class PublishedConfig
{
    /// <summary>Lengths of the context that a scaled model may first have been trained with; Llama 3's is 8,192.</summary>
    private static readonly int[] s_originalContexts = [8192, .. Enumerable.Range(4, 17).Select(x => 1 << x)];

    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true };

    /// <param name="config">The shape.</param>
    /// <param name="beginning">The beginning-of-text token, or null.</param>
    /// <param name="ends">The ids that end a completion.</param>
    /// <param name="path">The model, for messages.</param>
    /// <exception cref="UserInputException">The rotary scaling has no form in <c>config.json</c>.</exception>
    public static string ToJson(DecoderConfig config, int? beginning, IReadOnlySet<int> ends, string path)
    {
        var rotary = new Dictionary<string, object> { ["rope_theta"] = config.RotaryBase };
        foreach (var (key, value) in Rotary(config, path))
        {
            rotary[key] = value;
        }

        return JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["architectures"] = new[] { config.ModelType switch { "qwen2" => "Qwen2ForCausalLM", "qwen3" => "Qwen3ForCausalLM", _ => "LlamaForCausalLM" } },
                ["attention_bias"] = config.ModelType == "qwen2" ? null : false,
                ["bos_token_id"] = beginning,
                ["dtype"] = "float32",
                ["eos_token_id"] = ends.Count == 1 ? ends.First() : ends.Order().ToArray(),
                ["head_dim"] = config.HeadSize,
                ["hidden_act"] = "silu",
                ["hidden_size"] = config.HiddenSize,
                ["intermediate_size"] = config.IntermediateSize,
                ["max_position_embeddings"] = config.ContextLength,
                ["model_type"] = config.ModelType,
                ["num_attention_heads"] = config.HeadCount,
                ["num_hidden_layers"] = config.LayerCount,
                ["num_key_value_heads"] = config.KeyValueHeadCount,
                ["rms_norm_eps"] = config.NormEpsilon,
                ["rope_parameters"] = rotary,
                // Versions of transformers before 5 read these two instead.
                ["rope_scaling"] = rotary["rope_type"] is "default" ? null : rotary,
                ["rope_theta"] = config.RotaryBase,
                ["tie_word_embeddings"] = config.TiedEmbeddings,
                ["vocab_size"] = config.VocabularySize,
            }.Where(x => x.Value is not null || x.Key == "rope_scaling").ToDictionary(),
            s_options) + "\n";
    }

    private static IEnumerable<(string Key, object Value)> Rotary(DecoderConfig config, string path)
    {
        var scaling = config.RotaryScaling;
        if (scaling is null && config.RotaryFactors is { } factors)
        {
            if (factors.All(x => x == factors[0]))
            {
                return [("rope_type", "linear"), ("factor", factors[0])];
            }

            scaling = FromFactors(config, factors)
                ?? throw new UserInputException($"{path}: its rotary frequency factors ({Weights.GgufWeights.RotaryFactors}) are none that config.json can describe; such a model cannot be merged into a Hugging Face folder");
        }

        return scaling is null
            ? [("rope_type", "default")]
            : [("rope_type", "llama3"), ("factor", scaling.Factor), ("low_freq_factor", scaling.LowFrequencyFactor), ("high_freq_factor", scaling.HighFrequencyFactor), ("original_max_position_embeddings", scaling.OriginalContextLength)];
    }

    /// <summary>Llama 3's scaling that makes these factors. All published models have 1 and 4 as the bounds of its middle range.</summary>
    private static RotaryScaling? FromFactors(DecoderConfig config, IReadOnlyList<double> factors) => s_originalContexts
        .Select(context => new RotaryScaling(factors.Max(), 1, 4, context))
        .FirstOrDefault(scaling => factors.Index().All(x =>
        {
            double frequency = RotaryEmbedding.Frequency(config, x.Index);
            return Math.Abs((frequency / RotaryEmbedding.Scale(frequency, scaling)) - x.Item) <= 1e-5 * x.Item;
        }));
}
