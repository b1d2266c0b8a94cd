using System.Text.Json;

using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Weights;

/// <summary>
/// The real model from its GGUF file, with the tokenizer and the template in its metadata, equals the reference; skipped where the model is missing.
/// </summary>
public sealed class GgufModelGoldenTests
{
    private const string Set = "smollm2";
    private const float Tolerance = 2e-3f;

    [Fact]
    public void Every_text_has_the_reference_ids()
    {
        using var source = ModelSource.Open(Goldens.ModelOf(Set));
        var tokenizer = source.ReadTokenizer();
        var lines = Goldens.LinesOf(Set, "tokenize.jsonl");

        Assert.All(lines, line =>
        {
            string text = line.GetProperty("text").GetString()!;
            int[] ids = tokenizer.Encode(text);
            Assert.Equal(Ints(line.GetProperty("ids")), ids);
            Assert.Equal(text, tokenizer.Decode(ids));
        });
        Assert.NotEmpty(lines);
    }

    [Fact]
    public void Every_conversation_has_the_reference_text_and_ids()
    {
        using var source = ModelSource.Open(Goldens.ModelOf(Set));
        var tokenizer = source.ReadTokenizer();
        var template = source.ReadChatTemplate();
        var lines = Goldens.LinesOf(Set, "chat.jsonl");

        Assert.All(lines, line =>
        {
            string text = template.Render(Messages(line), line.GetProperty("add_generation_prompt").GetBoolean());
            Assert.Equal(line.GetProperty("text").GetString(), text);
            Assert.Equal(Ints(line.GetProperty("ids")), tokenizer.Encode(text));
        });
        Assert.NotEmpty(lines);
    }

    [Theory]
    [InlineData("logprobs.jsonl", null)]
    [InlineData("adapter/logprobs.jsonl", "adapter")]
    public async Task Log_probabilities_equal_the_reference(string file, string? adapterFolder)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(Set));
        var adapter = adapterFolder is null ? null : await TestEngine.Models.LoadAdapterAsync(model, Goldens.FileOf(Set, adapterFolder));
        var lines = Goldens.LinesOf(Set, file);
        foreach (var line in lines)
        {
            int[] ids = Ints(line.GetProperty("ids"));
            float[] expected = Floats(line.GetProperty("logprobs"));
            float[] actual = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(model.Decoder, adapter, ids));
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), x => Assert.InRange(x.Second, x.First - Tolerance, x.First + Tolerance));
        }

        Assert.NotEmpty(lines);
    }

    [Fact]
    public async Task Greedy_continuations_equal_the_reference_up_to_a_close_call()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(Set));
        var lines = Goldens.LinesOf(Set, "greedy.jsonl");
        var prompts = lines.Select(x => model.EncodePrompt(Messages(x))).ToArray();
        int longest = lines.Max(x => x.GetProperty("ids").GetArrayLength());
        var completions = await new BatchGenerator(TestEngine.Compute).GenerateAsync(
            model, null, prompts, 1, SamplingOptions.Greedy(longest), (_, _, _) => 0, Training.Compute.WorkPriority.Training, TestContext.Current.CancellationToken);
        int compared = 0;
        for (int i = 0; i < lines.Count; i++)
        {
            int[] expected = Ints(lines[i].GetProperty("ids"));
            float[] logProbabilities = Floats(lines[i].GetProperty("logprobs"));
            int close = Array.FindIndex(Floats(lines[i].GetProperty("margin_to_second")), x => x < Tolerance);
            int count = close < 0 ? expected.Length : close;
            Assert.Equal(Ints(lines[i].GetProperty("prompt_ids")), prompts[i]);
            Assert.Equal(expected[..count], completions[i][0].Tokens.Take(count));
            if (close < 0 && lines[i].GetProperty("finish_reason").GetString() == "stop")
            {
                Assert.Equal(expected.Length, completions[i][0].Tokens.Length);
            }

            for (int j = 0; j < count; j++)
            {
                Assert.InRange(completions[i][0].LogProbabilities[j], logProbabilities[j] - Tolerance, logProbabilities[j] + Tolerance);
            }

            compared += count;
        }

        Assert.True(compared > 0, "greedy.jsonl compared nothing");
    }

    private static ChatMessage[] Messages(JsonElement line) =>
        [.. line.GetProperty("messages").EnumerateArray().Select(x => new ChatMessage(x.GetProperty("role").GetString()!, x.GetProperty("content").GetString()!))];

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetInt32())];

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetSingle())];
}
