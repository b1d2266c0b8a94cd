using System.Text.Json;

namespace RftConsole.Training.Models;

/// <summary>Rotary scaling of Llama 3.1 and later: low frequencies are slowed down by <paramref name="Factor"/>.</summary>
public sealed record RotaryScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContextLength);

/// <summary>The shape of a decoder of the Llama, Qwen2 or Qwen3 family, as its <c>config.json</c> gives it.</summary>
public sealed record DecoderConfig
{
    /// <summary>Entries of the rotary embedding's tables: two of 1 GB.</summary>
    private const long MaxRotaryTable = 1L << 28;

    /// <summary><c>llama</c>, <c>qwen2</c> or <c>qwen3</c>.</summary>
    public string ModelType { get; init; } = "llama";

    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int LayerCount { get; init; }

    public required int HeadCount { get; init; }

    public required int KeyValueHeadCount { get; init; }

    public required int HeadSize { get; init; }

    public required int ContextLength { get; init; }

    public double NormEpsilon { get; init; } = 1e-5;

    public double RotaryBase { get; init; } = 10000;

    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>What each rotary frequency is divided by, one factor for each pair of a head's numbers: the form in which GGUF files carry a scaling.</summary>
    public IReadOnlyList<double>? RotaryFactors { get; init; }

    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether the q, k and v projections have a bias (Qwen2).</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether each head's q and k are normalised before the rotation (Qwen3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Weights in matrix products, the output layer included.</summary>
    public long MatrixWeightCount =>
        (LayerCount * ((2L * HiddenSize * HeadSize * (HeadCount + KeyValueHeadCount)) + (3L * HiddenSize * IntermediateSize))) + ((long)VocabularySize * HiddenSize);

    /// <summary>All weights but the small vectors of norms and biases.</summary>
    public long ParameterCount => MatrixWeightCount + (TiedEmbeddings ? 0 : (long)VocabularySize * HiddenSize);

    /// <summary>Reads <c>config.json</c> of a Hugging Face model folder.</summary>
    /// <exception cref="UserInputException">The file is missing, is not JSON, lacks a field, or describes another architecture.</exception>
    public static DecoderConfig Load(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
        {
            throw new UserInputException($"{folder}: not a Hugging Face model folder: config.json is missing");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(path, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new UserInputException($"{path}: not usable: {e.Message}", e);
        }
    }

    private static DecoderConfig Read(string path, JsonElement root)
    {
        string type = root.TryGetProperty("model_type", out var t) ? t.GetString() ?? "" : "";
        if (type is not ("llama" or "qwen2" or "qwen3"))
        {
            throw new UserInputException($"{path}: model_type \"{type}\" is not supported (llama, qwen2, qwen3)");
        }

        if (root.TryGetProperty("hidden_act", out var act) && act.GetString() != "silu")
        {
            throw new UserInputException($"{path}: hidden_act \"{act.GetString()}\" is not supported (silu)");
        }

        // Qwen2 has its biases always, and none on the output projection.
        foreach (string name in type == "qwen2" ? (string[])["mlp_bias"] : ["mlp_bias", "attention_bias"])
        {
            if (root.TryGetProperty(name, out var bias) && bias.ValueKind == JsonValueKind.True)
            {
                throw new UserInputException($"{path}: {name} true is not supported");
            }
        }

        int hidden = Int("hidden_size");
        int heads = Int("num_attention_heads");
        var config = new DecoderConfig
        {
            ModelType = type,
            VocabularySize = Int("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = Int("intermediate_size"),
            LayerCount = Int("num_hidden_layers"),
            HeadCount = heads,
            KeyValueHeadCount = Int("num_key_value_heads", heads),
            HeadSize = Int("head_dim", hidden / heads),
            ContextLength = Int("max_position_embeddings"),
            NormEpsilon = Number(root, "rms_norm_eps") ?? 1e-6,
            RotaryBase = Rotary("rope_theta") ?? 10000,
            RotaryScaling = Scaling(out double divisor),
            TiedEmbeddings = root.TryGetProperty("tie_word_embeddings", out var tied) && tied.ValueKind == JsonValueKind.True,
            QueryKeyValueBias = type == "qwen2",
            QueryKeyNorm = type == "qwen3",
        };
        if (divisor != 1)
        {
            config = config with { RotaryFactors = [.. Enumerable.Repeat(divisor, config.HeadSize / 2)] };
        }

        if ((long)config.ContextLength * config.HeadSize > MaxRotaryTable)
        {
            throw new UserInputException($"{path}: max_position_embeddings is {config.ContextLength}; at most {MaxRotaryTable / config.HeadSize} positions of head_dim {config.HeadSize} fit into memory");
        }

        return config.HeadCount % config.KeyValueHeadCount == 0 && config.HeadSize % 2 == 0
            ? config
            : throw new UserInputException($"{path}: num_attention_heads must be a multiple of num_key_value_heads, and head_dim even");

        int Int(string name, int? fallback = null)
        {
            int value = root.TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.Number ? element.GetInt32()
                : fallback ?? throw new UserInputException($"{path}: {name} is missing");
            return value is > 0 and < 100_000_000 ? value : throw new UserInputException($"{path}: {name} is {value}");
        }

        double? Rotary(string name) =>
            (root.TryGetProperty("rope_parameters", out var nested) ? Number(nested, name) : null)
            ?? (root.TryGetProperty("rope_scaling", out var scaling) ? Number(scaling, name) : null)
            ?? Number(root, name);

        RotaryScaling? Scaling(out double divisor)
        {
            divisor = 1;
            if (!(root.TryGetProperty("rope_parameters", out var element) || root.TryGetProperty("rope_scaling", out element)) || element.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            string kind = element.TryGetProperty("rope_type", out var name) || element.TryGetProperty("type", out name) ? name.GetString() ?? "" : "default";
            return kind switch
            {
                "default" => null,
                "linear" when Linear(out divisor) => null,
                "llama3" => new(Required("factor"), Required("low_freq_factor"), Required("high_freq_factor"), (int)Required("original_max_position_embeddings")),
                _ => throw new UserInputException($"{path}: rope_type \"{kind}\" is not supported (default, linear, llama3)"),
            };

            bool Linear(out double factor) => (factor = Required("factor")) is > 0 and < 1e6 ? true : throw new UserInputException($"{path}: rope_parameters.factor is {factor}");

            double Required(string field) => Number(element, field) ?? throw new UserInputException($"{path}: rope_parameters.{field} is missing");
        }
    }

    private static double? Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.Number ? element.GetDouble() : null;
}
