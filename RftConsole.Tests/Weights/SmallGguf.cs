using RftConsole.Training.Text;

namespace RftConsole.Tests.Weights;

/// <summary>A Llama of one layer with byte tokens only: small enough to be written ten thousand times.</summary>
internal static class SmallGguf
{
    private const int Hidden = 32;

    public static byte[] Build(Dictionary<string, string>? overrides = null, Action<GgufBuilder>? further = null)
    {
        var random = new Random(7);
        var builder = new GgufBuilder()
            .Text("general.architecture", Value("general.architecture", "llama"))
            .UInt32("llama.block_count", 1)
            .UInt32("llama.context_length", 64)
            .UInt32("llama.embedding_length", Hidden)
            .UInt32("llama.feed_forward_length", 64)
            .UInt32("llama.attention.head_count", 4)
            .UInt32("llama.attention.head_count_kv", 2)
            .Single("llama.attention.layer_norm_rms_epsilon", 1e-5)
            .Text("llama.rope.scaling.type", Value("llama.rope.scaling.type", "none"))
            .Text("tokenizer.ggml.model", Value("tokenizer.ggml.model", "gpt2"))
            .Text("tokenizer.ggml.pre", Value("tokenizer.ggml.pre", "smollm"))
            .Texts("tokenizer.ggml.tokens", [.. Enumerable.Range(0, 256).Select(x => ByteLevelAlphabet.ToChar((byte)x).ToString()), "ab", "<|im_start|>", "<|im_end|>"])
            .Int32s("tokenizer.ggml.token_type", [.. Enumerable.Repeat(1, 257), 3, 3])
            .Texts("tokenizer.ggml.merges", ["a b"])
            .UInt32("tokenizer.ggml.bos_token_id", 257)
            .UInt32("tokenizer.ggml.eos_token_id", 258)
            .Switch("tokenizer.ggml.add_bos_token", false)
            .Text("tokenizer.chat_template", "{% for message in messages %}{{ message['content'] }}{% endfor %}")
            .Random("token_embd.weight", [259, Hidden], "Q8_0", random)
            .Random("output_norm.weight", [Hidden], "F32", random)
            .Random("blk.0.attn_norm.weight", [Hidden], "F32", random)
            .Random("blk.0.ffn_norm.weight", [Hidden], "F32", random)
            .Random("blk.0.attn_q.weight", [Hidden, Hidden], "Q4_1", random)
            .Random("blk.0.attn_k.weight", [16, Hidden], "Q5_0", random)
            .Random("blk.0.attn_v.weight", [16, Hidden], "Q5_1", random)
            .Random("blk.0.attn_output.weight", [Hidden, Hidden], "Q4_0", random)
            .Random("blk.0.ffn_gate.weight", [64, Hidden], "Q8_0", random)
            .Random("blk.0.ffn_up.weight", [64, Hidden], "Q4_0", random)
            .Random("blk.0.ffn_down.weight", [Hidden, 64], "Q4_1", random);
        further?.Invoke(builder);
        return builder.Build();

        string Value(string key, string value) => overrides?.GetValueOrDefault(key) ?? value;
    }
}
