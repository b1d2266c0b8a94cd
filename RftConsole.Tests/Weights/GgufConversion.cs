using System.Runtime.InteropServices;
using System.Text.Json;

using RftConsole.Training.Models;

namespace RftConsole.Tests.Weights;

/// <summary>Makes a GGUF file of a small Hugging Face folder in the way of llama.cpp's converter, all weights in F32.</summary>
internal static class GgufConversion
{
    /// <param name="model">The model, loaded from its folder.</param>
    /// <param name="pre">What GGUF calls its pre-tokenizer.</param>
    public static async Task<byte[]> ConvertAsync(LoadedModel model, string pre)
    {
        var config = model.Decoder.Config;
        var builder = new GgufBuilder();
        WriteConfig(builder, config);
        WriteTokenizer(builder, model, pre);
        builder.Text("tokenizer.chat_template", model.ChatTemplate.Source);
        await TestEngine.RunAsync(() =>
        {
            using var source = ModelSource.Open(model.Path);
            using var weights = source.OpenWeights();
            using var decoder = AutogradDecoder.Load(weights, config);
            foreach (var (name, weight) in decoder.Weights)
            {
                builder.Floats(Name(name), weight.shape, Permuted(name, weight.shape, MemoryMarshal.Cast<byte, float>(weight.bytes).ToArray(), config));
            }
        });
        if (config.RotaryScaling is { } scaling)
        {
            builder.Floats("rope_freqs.weight", [config.HeadSize / 2], [.. Enumerable.Range(0, config.HeadSize / 2).Select(i => (float)Factor(config, scaling, i))]);
        }

        return builder.Build();
    }

    private static void WriteConfig(GgufBuilder builder, DecoderConfig config)
    {
        string type = config.ModelType;
        builder.Text("general.architecture", type)
            .UInt32($"{type}.block_count", config.LayerCount)
            .UInt32($"{type}.context_length", config.ContextLength)
            .UInt32($"{type}.embedding_length", config.HiddenSize)
            .UInt32($"{type}.feed_forward_length", config.IntermediateSize)
            .UInt32($"{type}.attention.head_count", config.HeadCount)
            .UInt32($"{type}.attention.head_count_kv", config.KeyValueHeadCount)
            .UInt32($"{type}.attention.key_length", config.HeadSize)
            .UInt32($"{type}.attention.value_length", config.HeadSize)
            .Single($"{type}.attention.layer_norm_rms_epsilon", config.NormEpsilon)
            .Single($"{type}.rope.freq_base", config.RotaryBase);
    }

    private static void WriteTokenizer(GgufBuilder builder, LoadedModel model, string pre)
    {
        var json = JsonElement.Parse(File.ReadAllBytes(Path.Combine(model.Path, "tokenizer.json")));
        string[] tokens = [.. Enumerable.Range(0, model.Decoder.Config.VocabularySize).Select(i => $"[PAD{i}]")];
        int[] types = [.. tokens.Select(_ => 5)];
        foreach (var entry in json.GetProperty("model").GetProperty("vocab").EnumerateObject())
        {
            (tokens[entry.Value.GetInt32()], types[entry.Value.GetInt32()]) = (entry.Name, 1);
        }

        foreach (var token in json.GetProperty("added_tokens").EnumerateArray())
        {
            int id = token.GetProperty("id").GetInt32();
            (tokens[id], types[id]) = (token.GetProperty("content").GetString()!, token.GetProperty("special").GetBoolean() ? 3 : 4);
        }

        builder.Text("tokenizer.ggml.model", "gpt2").Text("tokenizer.ggml.pre", pre).Texts("tokenizer.ggml.tokens", tokens).Int32s("tokenizer.ggml.token_type", types)
            .Texts("tokenizer.ggml.merges", [.. json.GetProperty("model").GetProperty("merges").EnumerateArray().Select(x => x.ValueKind == JsonValueKind.String ? x.GetString()! : $"{x[0].GetString()} {x[1].GetString()}")]);
        if (model.EndTokens.Count > 0)
        {
            builder.UInt32("tokenizer.ggml.eos_token_id", model.EndTokens.First());
        }

        var configuration = JsonElement.Parse(File.ReadAllBytes(Path.Combine(model.Path, "tokenizer_config.json")));
        if (configuration.TryGetProperty("bos_token", out var beginning) && beginning.ValueKind == JsonValueKind.String)
        {
            builder.UInt32("tokenizer.ggml.bos_token_id", Array.IndexOf(tokens, beginning.GetString()));
        }
    }

    private static string Name(string name) => name switch
    {
        "model.embed_tokens.weight" => "token_embd.weight",
        "model.norm.weight" => "output_norm.weight",
        "lm_head.weight" => "output.weight",
        _ => name.Replace("model.layers.", "blk.", StringComparison.Ordinal)
            .Replace("input_layernorm", "attn_norm", StringComparison.Ordinal)
            .Replace("post_attention_layernorm", "ffn_norm", StringComparison.Ordinal)
            .Replace("self_attn.o_proj", "attn_output", StringComparison.Ordinal)
            .Replace("self_attn.", "attn_", StringComparison.Ordinal)
            .Replace("mlp.", "ffn_", StringComparison.Ordinal)
            .Replace("_proj", "", StringComparison.Ordinal),
    };

    /// <summary>The converter's <c>reshape(heads, 2, half, columns).swapaxes(1, 2)</c> of Llama's q and k.</summary>
    private static float[] Permuted(string name, long[] shape, float[] values, DecoderConfig config)
    {
        if (config.ModelType != "llama" || !(name.EndsWith("q_proj.weight", StringComparison.Ordinal) || name.EndsWith("k_proj.weight", StringComparison.Ordinal)))
        {
            return values;
        }

        int heads = (int)shape[0] / config.HeadSize, half = config.HeadSize / 2, columns = (int)shape[1];
        float[] permuted = new float[values.Length];
        for (int head = 0; head < heads; head++)
        {
            for (int part = 0; part < 2; part++)
            {
                for (int i = 0; i < half; i++)
                {
                    int from = ((head * 2) + part) * half + i, to = ((head * half) + i) * 2 + part;
                    values.AsSpan(from * columns, columns).CopyTo(permuted.AsSpan(to * columns));
                }
            }
        }

        return permuted;
    }

    /// <summary>The factors of Llama 3, by wavelength as the converter computes them.</summary>
    private static double Factor(DecoderConfig config, RotaryScaling scaling, int pair)
    {
        double wavelength = 2 * Math.PI * Math.Pow(config.RotaryBase, 2.0 * pair / config.HeadSize);
        double context = scaling.OriginalContextLength;
        if (wavelength < context / scaling.HighFrequencyFactor)
        {
            return 1;
        }

        if (wavelength > context / scaling.LowFrequencyFactor)
        {
            return scaling.Factor;
        }

        double smooth = ((context / wavelength) - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return 1 / (((1 - smooth) / scaling.Factor) + smooth);
    }
}
