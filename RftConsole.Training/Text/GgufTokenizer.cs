using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

using RftConsole.Training.Weights;

namespace RftConsole.Training.Text;

/// <summary>
/// The tokenizer in the metadata of a GGUF file, as the <c>tokenizer.json</c> that the model was published with: one reader serves both,
/// and a merged model gets the file back.
/// </summary>
/// <remarks>Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "Tokenizer". GGUF keeps no <c>lstrip</c> and <c>rstrip</c> of added tokens.</remarks>
internal static class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.";
    private const int NormalToken = 1;
    private const int ControlToken = 3;
    private const int UserDefinedToken = 4;

    private const string Llama3Words =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Qwen2Words =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>What <c>tokenizer.ggml.pre</c> stands for: GGUF names the stages before the merges instead of spelling them out.</summary>
    private static readonly Dictionary<string, Stages> s_stages = new()
    {
        ["gpt-2"] = new(null, Digits: false),
        ["gpt2"] = new(null, Digits: false),
        ["smollm"] = new(null, Digits: true),
        ["llama-bpe"] = new(Llama3Words, Digits: false, IgnoreMerges: true, BeginsText: true),
        ["llama3"] = new(Llama3Words, Digits: false, IgnoreMerges: true, BeginsText: true),
        ["llama-v3"] = new(Llama3Words, Digits: false, IgnoreMerges: true, BeginsText: true),
        ["qwen2"] = new(Qwen2Words, Digits: false, Normalizer: "NFC"),
    };

    /// <summary>Control tokens that end a turn or a text in the families that this engine runs, whatever the metadata names as the end.</summary>
    private static readonly string[] s_endTexts = ["<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"];

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The content of <c>tokenizer.json</c>.</summary>
    /// <param name="metadata">The file's metadata.</param>
    /// <param name="path">What errors call the file.</param>
    /// <exception cref="WeightFormatException">A key is missing or damaged, or the tokenizer is of a kind that is not supported.</exception>
    public static byte[] ToJson(GgufMetadata metadata, string path)
    {
        string[] tokens = Tokens(metadata, path);
        long[] types = Types(metadata, path, tokens.Length);
        var stages = StagesOf(metadata, path);
        var buffer = new ArrayBufferWriter<byte>(64 * tokens.Length);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedTokens(json, tokens, types);
            Write(json, "normalizer", stages.Normalizer is { } form ? new { type = form } : null);
            WritePreTokenizer(json, stages);
            WritePostProcessor(json, metadata, path, tokens, stages);
            Write(json, "decoder", new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true, use_regex = true });
            WriteModel(json, tokens, types, Required(metadata.Texts(Prefix + "merges"), "merges", path), stages);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Variables of the chat template, such as <c>bos_token</c>.</summary>
    /// <exception cref="WeightFormatException">A token's id is outside the vocabulary.</exception>
    public static IReadOnlyDictionary<string, string> SpecialTokens(GgufMetadata metadata, string path)
    {
        string[] tokens = Tokens(metadata, path);
        var special = new Dictionary<string, string>();
        foreach (var (variable, key) in (ReadOnlySpan<(string, string)>)[("bos_token", "bos_token_id"), ("eos_token", "eos_token_id"), ("unk_token", "unknown_token_id"), ("pad_token", "padding_token_id")])
        {
            if (TokenId(metadata, path, key, tokens.Length) is { } id)
            {
                special[variable] = tokens[id];
            }
        }

        return special;
    }

    /// <summary>The ids that end a completion.</summary>
    /// <exception cref="WeightFormatException">An id is outside the vocabulary.</exception>
    public static IReadOnlySet<int> EndTokens(GgufMetadata metadata, string path)
    {
        string[] tokens = Tokens(metadata, path);
        long[] types = Types(metadata, path, tokens.Length);
        var ends = new HashSet<int>();
        foreach (string key in (string[])["eos_token_id", "eot_token_id", "eom_token_id"])
        {
            if (TokenId(metadata, path, key, tokens.Length) is { } id)
            {
                ends.Add(id);
            }
        }

        // Qwen's published generation settings also stop at the end of a text, which GGUF knows as the padding token only.
        bool qwen = metadata.Text("general.architecture")?.StartsWith("qwen", StringComparison.Ordinal) == true;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (types[i] == ControlToken && (s_endTexts.Contains(tokens[i]) || (qwen && tokens[i] == "<|endoftext|>")))
            {
                ends.Add(i);
            }
        }

        return ends;
    }

    private static string[] Tokens(GgufMetadata metadata, string path) => Required(metadata.Texts(Prefix + "tokens"), "tokens", path);

    private static long[] Types(GgufMetadata metadata, string path, int count)
    {
        long[] types = Required(metadata.Integers(Prefix + "token_type"), "token_type", path);
        return types.Length == count ? types : throw new WeightFormatException(path, Prefix + "token_type", $"{types.Length} types for {count} tokens");
    }

    private static T Required<T>(T? value, string key, string path)
        where T : class =>
        value ?? throw new WeightFormatException(path, Prefix + key, "is missing");

    private static Stages StagesOf(GgufMetadata metadata, string path)
    {
        string model = Required(metadata.Text(Prefix + "model"), "model", path);
        if (model != "gpt2")
        {
            throw new WeightFormatException(path, Prefix + "model", $"\"{model}\" is not supported: only byte-level BPE (gpt2) is");
        }

        string pre = Required(metadata.Text(Prefix + "pre"), "pre", path);
        return s_stages.GetValueOrDefault(pre) ?? throw new WeightFormatException(path, Prefix + "pre", $"\"{pre}\" is not supported ({string.Join(", ", s_stages.Keys)})");
    }

    private static int? TokenId(GgufMetadata metadata, string path, string key, int count) => metadata.Integer(Prefix + key) switch
    {
        null => null,
        >= 0 and var id when id < count => (int)id,
        var id => throw new WeightFormatException(path, Prefix + key, $"{id} is outside the vocabulary of {count}"),
    };

    private static void WriteAddedTokens(Utf8JsonWriter json, string[] tokens, long[] types)
    {
        json.WriteStartArray("added_tokens");
        for (int i = 0; i < tokens.Length; i++)
        {
            if (types[i] is ControlToken or UserDefinedToken)
            {
                JsonSerializer.Serialize(json, new { id = i, content = tokens[i], single_word = false, lstrip = false, rstrip = false, normalized = false, special = types[i] == ControlToken }, s_plain);
            }
        }

        json.WriteEndArray();
    }

    private static void WritePreTokenizer(Utf8JsonWriter json, Stages stages)
    {
        object byteLevel = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = stages.Words is null };
        object? before = stages.Words is { } words ? new { type = "Split", pattern = new { Regex = words }, behavior = "Isolated", invert = false }
            : stages.Digits ? new { type = "Digits", individual_digits = true }
            : null;
        Write(json, "pre_tokenizer", before is null ? byteLevel : new { type = "Sequence", pretokenizers = new[] { before, byteLevel } });
    }

    private static void WritePostProcessor(Utf8JsonWriter json, GgufMetadata metadata, string path, string[] tokens, Stages stages)
    {
        var special = new Dictionary<string, object>();
        object text = new { Sequence = new { id = "A", type_id = 0 } };
        object[] single =
        [
            .. Wrapping("bos_token_id", metadata.Switch(Prefix + "add_bos_token", stages.BeginsText)),
            text,
            .. Wrapping("eos_token_id", metadata.Switch(Prefix + "add_eos_token", false)),
        ];
        Write(json, "post_processor", special.Count == 0 ? null : new { type = "TemplateProcessing", single, pair = new[] { text, new { Sequence = new { id = "B", type_id = 1 } } }, special_tokens = special });

        IEnumerable<object> Wrapping(string key, bool wanted)
        {
            if (wanted && TokenId(metadata, path, key, tokens.Length) is { } id)
            {
                special[tokens[id]] = new { id = tokens[id], ids = new[] { id }, tokens = new[] { tokens[id] } };
                yield return new { SpecialToken = new { id = tokens[id], type_id = 0 } };
            }
        }
    }

    private static void WriteModel(Utf8JsonWriter json, string[] tokens, long[] types, string[] merges, Stages stages)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (string absent in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            json.WriteNull(absent);
        }

        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", stages.IgnoreMerges);
        json.WriteStartObject("vocab");
        for (int i = 0; i < tokens.Length; i++)
        {
            if (types[i] == NormalToken)
            {
                json.WriteNumber(tokens[i], i);
            }
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (string merge in merges)
        {
            json.WriteStringValue(merge);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, s_plain);
    }

    /// <param name="Words">The pattern that cuts words; null for GPT-2's own.</param>
    /// <param name="Digits">Cuts digits one by one first.</param>
    /// <param name="Normalizer">The Unicode form, if any.</param>
    /// <param name="IgnoreMerges">Whole words in the vocabulary are taken as they are.</param>
    /// <param name="BeginsText">Puts the beginning-of-text token first unless the metadata says otherwise.</param>
    private sealed record Stages(string? Words, bool Digits, string? Normalizer = null, bool IgnoreMerges = false, bool BeginsText = false);
}
