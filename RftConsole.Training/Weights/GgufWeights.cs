using System.Text.RegularExpressions;

using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Weights;

/// <summary>The weights of a GGUF file under Hugging Face's names and in its layout.</summary>
/// <remarks>
/// llama.cpp's converter stores the rows of Llama's q and k so that the two numbers which the rotation mixes are neighbours; here they are
/// half a head apart, as Hugging Face has them. Qwen's are stored as published.
/// </remarks>
internal sealed partial class GgufWeights(GgufFile file, DecoderConfig config) : IWeightSource
{
    /// <summary>Frequency factors of the rotary embedding: a part of the configuration rather than a weight.</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    private static readonly (string Published, string Stored)[] s_whole =
        [("model.embed_tokens.weight", "token_embd.weight"), ("model.norm.weight", "output_norm.weight"), ("lm_head.weight", "output.weight")];

    private static readonly (string Published, string Stored)[] s_layer =
    [
        ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"), ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"),
        ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
    ];

    public string Path => file.Path;

    /// <summary>Published names; a tensor that no such model has keeps the name that it has in the file.</summary>
    public IEnumerable<string> Names => file.Tensors.Keys.Where(x => x != RotaryFactors).Select(Published);

    public string StoredType => "F32";

    public void Require(string name, params ReadOnlySpan<long> shape) => file.Require(Stored(name), shape);

    public Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        int heads = config.ModelType != "llama" ? 0 : name.Contains(".q_proj.", StringComparison.Ordinal) ? config.HeadCount : name.Contains(".k_proj.", StringComparison.Ordinal) ? config.KeyValueHeadCount : 0;
        if (heads == 0)
        {
            return file.Read(Stored(name), shape);
        }

        if (shape.Length == 1)
        {
            using var stored = file.Read(Stored(name), shape);
            return stored.view(heads, config.HeadSize / 2, 2).transpose(1, 2).contiguous().view(shape[0]);
        }

        int size = config.HeadSize;
        return file.Read(Stored(name), shape, row => (row / size * size) + (row % size % (size / 2) * 2) + (row % size / (size / 2)));
    }

    /// <summary>The file belongs to whoever opened it.</summary>
    public void Dispose()
    {
    }

    /// <summary>GGUF's name of a published one.</summary>
    public static string Stored(string name)
    {
        if (s_whole.FirstOrDefault(x => x.Published == name).Stored is { } stored)
        {
            return stored;
        }

        var match = PublishedLayer.Match(name);
        return match.Success && s_layer.FirstOrDefault(x => x.Published == match.Groups[2].Value).Stored is { } part ? $"blk.{match.Groups[1].Value}.{part}.{match.Groups[3].Value}" : name;
    }

    private static string Published(string name)
    {
        if (s_whole.FirstOrDefault(x => x.Stored == name).Published is { } published)
        {
            return published;
        }

        var match = StoredLayer.Match(name);
        return match.Success && s_layer.FirstOrDefault(x => x.Stored == match.Groups[2].Value).Published is { } part ? $"model.layers.{match.Groups[1].Value}.{part}.{match.Groups[3].Value}" : name;
    }

    [GeneratedRegex(@"^model\.layers\.(\d+)\.(.+)\.(weight|bias)$", RegexOptions.CultureInvariant)]
    private static partial Regex PublishedLayer { get; }

    [GeneratedRegex(@"^blk\.(\d+)\.(.+)\.(weight|bias)$", RegexOptions.CultureInvariant)]
    private static partial Regex StoredLayer { get; }
}
