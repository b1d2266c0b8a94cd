using RftConsole.Training.Models;

namespace RftConsole.Training.Weights;

/// <summary>Reads the shape of a decoder from the metadata of a GGUF file.</summary>
/// <remarks>Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "LLM".</remarks>
internal static class GgufConfig
{
    private const int LargestSize = 100_000_000;

    /// <exception cref="WeightFormatException">Names the key that is missing, out of range, or asks for something that this engine does not compute.</exception>
    public static DecoderConfig Read(GgufFile file)
    {
        var metadata = file.Metadata;
        string type = metadata.Text("general.architecture") ?? throw Wrong("general.architecture", "is missing");
        if (type is not ("llama" or "qwen2" or "qwen3"))
        {
            throw Wrong("general.architecture", $"\"{type}\" is not supported (llama, qwen2, qwen3)");
        }

        if (metadata.Integer($"{type}.expert_count") is > 0 and var experts)
        {
            throw Wrong($"{type}.expert_count", $"a mixture of {experts} experts is not supported");
        }

        int hidden = Size("embedding_length");
        int heads = Size("attention.head_count");
        int headSize = Size("attention.key_length", hidden / heads);
        Same("attention.value_length", headSize, "keys and values of different sizes are not supported");
        Same("rope.dimension_count", headSize, "rotating only a part of each head is not supported");
        if (!file.Tensors.TryGetValue("token_embd.weight", out var embedding) || embedding.Shape.Length != 2)
        {
            throw Wrong("token_embd.weight", "the tensor is missing, or is not a table");
        }

        int keyValueHeads = Size("attention.head_count_kv", heads);
        var config = new DecoderConfig
        {
            ModelType = type,
            VocabularySize = (int)embedding.Shape[0],
            HiddenSize = hidden,
            IntermediateSize = Size("feed_forward_length"),
            LayerCount = Size("block_count"),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            HeadSize = headSize,
            ContextLength = Size("context_length"),
            NormEpsilon = Rounded(metadata.Number($"{type}.attention.layer_norm_rms_epsilon") ?? throw Wrong($"{type}.attention.layer_norm_rms_epsilon", "is missing")),
            RotaryBase = metadata.Number($"{type}.rope.freq_base") ?? 10000,
            RotaryFactors = Factors(),
            TiedEmbeddings = !file.Tensors.ContainsKey("output.weight"),
            QueryKeyValueBias = type == "qwen2",
            QueryKeyNorm = type == "qwen3",
        };
        return heads % keyValueHeads == 0 && headSize % 2 == 0 && (long)heads * headSize <= LargestSize
            ? config
            : throw Wrong($"{type}.attention.head_count", "must be a multiple of head_count_kv, and the size of a head even");

        int Size(string name, int? fallback = null)
        {
            long value = metadata.Integer($"{type}.{name}") ?? fallback ?? throw Wrong($"{type}.{name}", "is missing");
            return value is > 0 and < LargestSize ? (int)value : throw Wrong($"{type}.{name}", $"{value} is out of range");
        }

        void Same(string name, long expected, string reason)
        {
            if (metadata.Integer($"{type}.{name}") is { } value && value != expected)
            {
                throw Wrong($"{type}.{name}", $"{value} beside heads of {expected}: {reason}");
            }
        }

        // Llama 3's scaling comes as a tensor of factors, the older linear one as metadata.
        double[]? Factors()
        {
            string kind = metadata.Text($"{type}.rope.scaling.type") ?? "linear";
            if (kind is not ("none" or "linear"))
            {
                throw Wrong($"{type}.rope.scaling.type", $"\"{kind}\" is not supported (none, linear, and the frequency factors of Llama 3)");
            }

            double all = kind == "none" ? 1 : metadata.Number($"{type}.rope.scaling.factor") ?? metadata.Number($"{type}.rope.scale_linear") ?? 1;
            if (all is not (> 0 and < LargestSize))
            {
                throw Wrong($"{type}.rope.scaling.factor", $"{all} is out of range");
            }

            if (!file.Tensors.TryGetValue(GgufWeights.RotaryFactors, out var stored))
            {
                return all == 1 ? null : [.. Enumerable.Repeat(all, headSize / 2)];
            }

            if (stored.Shape.Length != 1 || stored.Shape[0] != headSize / 2)
            {
                throw Wrong(stored.Name, $"shape [{string.Join(", ", stored.Shape)}] where heads of {headSize} ask for [{headSize / 2}]");
            }

            return [.. file.Values(stored).Select(x => x > 0 ? x * all : throw Wrong(stored.Name, "holds a factor that is not positive"))];
        }

        WeightFormatException Wrong(string key, string reason) => new(file.Path, key, reason);
    }

    /// <summary>The fp32 number as its shortest decimal, so that 1e-5 is the 1e-5 that was published.</summary>
    private static double Rounded(double value) => double.Parse(((float)value).ToString("R", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}
