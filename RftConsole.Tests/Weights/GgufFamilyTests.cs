using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Weights;

namespace RftConsole.Tests.Weights;

/// <summary>A model computes the same from a GGUF file as from the Hugging Face folder that the file was made of.</summary>
public sealed class GgufFamilyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tiny-llama-tied", "smollm")]
    [InlineData("tiny-llama3-rope", "llama-bpe")]
    [InlineData("tiny-qwen2", "qwen2")]
    [InlineData("tiny-qwen3", "qwen2")]
    public async Task Numbers_ids_and_chats_are_those_of_the_folder(string set, string pre)
    {
        var published = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set));
        string file = Path.Combine(_folder.Path, "model.gguf");
        await File.WriteAllBytesAsync(file, await GgufConversion.ConvertAsync(published, pre), TestContext.Current.CancellationToken);
        await using var models = new ModelHost(TestEngine.Compute);
        var model = await models.LoadAsync(file);

        Assert.All(Goldens.LinesOf(set, "tokenize.jsonl"), line =>
        {
            string text = line.GetProperty("text").GetString()!;
            Assert.Equal(published.Tokenizer.Encode(text), model.Tokenizer.Encode(text));
            Assert.Equal(published.Tokenizer.Encode(text, addSpecialTokens: true), model.Tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(published.Tokenizer.Decode(published.Tokenizer.Encode(text)), model.Tokenizer.Decode(model.Tokenizer.Encode(text)));
        });
        Training.Text.ChatMessage[] chat = [new("user", "What is 2 + 3?")];
        Assert.Equal(published.EncodePrompt(chat), model.EncodePrompt(chat));
        Assert.Superset(published.EndTokens.ToHashSet(), model.EndTokens.ToHashSet());
        foreach (var line in Goldens.LinesOf(set, "logprobs.jsonl"))
        {
            int[] ids = [.. line.GetProperty("ids").EnumerateArray().Select(x => x.GetInt32())];
            float[] expected = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(published.Decoder, null, ids));
            float[] actual = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(model.Decoder, null, ids));
            Assert.All(expected.Zip(actual), x => Assert.InRange(x.Second, x.First - 1e-4f, x.First + 1e-4f));
        }
    }

    [Theory]
    [InlineData("general.architecture", "gemma", "\"gemma\" is not supported")]
    [InlineData("tokenizer.ggml.pre", "deepseek-llm", "\"deepseek-llm\" is not supported")]
    [InlineData("tokenizer.ggml.model", "llama", "only byte-level BPE")]
    [InlineData("llama.rope.scaling.type", "yarn", "\"yarn\" is not supported")]
    public void What_this_engine_does_not_compute_is_refused_by_name(string key, string value, string message)
    {
        string file = Path.Combine(_folder.Path, "model.gguf");
        File.WriteAllBytes(file, SmallGguf.Build(overrides: new() { [key] = value }));

        var error = Assert.Throws<WeightFormatException>(() =>
        {
            using var source = ModelSource.Open(file);
            source.ReadTokenizer();
        });
        Assert.Contains($"{file}, {key}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("blk.0.attn_output.bias", "has no place")]
    [InlineData("blk.0.ffn_gate_exps.weight", "has no place")]
    [InlineData("blk.0.attn_q.weight", "stands twice")]
    public async Task A_tensor_that_would_change_the_numbers_is_refused_by_name(string name, string message)
    {
        string file = Path.Combine(_folder.Path, "model.gguf");
        await File.WriteAllBytesAsync(file, SmallGguf.Build(further: x => x.Floats(name, [4], [1, 2, 3, 4])), TestContext.Current.CancellationToken);
        await using var models = new ModelHost(TestEngine.Compute);

        var error = await Assert.ThrowsAsync<WeightFormatException>(() => models.LoadAsync(file));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
