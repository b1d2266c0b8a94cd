using System.Text.Json;

using RftConsole.Training.Generation;

namespace RftConsole.Tests.Models;

/// <summary>The forward pass and greedy decoding equal those of the reference implementation.</summary>
public sealed class DecoderGoldenTests
{
    public static TheoryData<string> Tiny => [.. Goldens.SetsWith("logprobs.jsonl").Where(x => x.StartsWith("tiny-", StringComparison.Ordinal))];

    [Fact]
    public void There_are_sets_to_compare_with() => Assert.NotEmpty(Tiny);

    [Theory]
    [MemberData(nameof(Tiny))]
    public async Task Log_probabilities_equal_the_reference(string set)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set));
        int compared = 0;
        foreach (var line in Goldens.LinesOf(set, "logprobs.jsonl"))
        {
            int[] ids = Ints(line.GetProperty("ids"));
            float[] expected = Floats(line.GetProperty("logprobs"));
            float[] actual = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(model.Decoder, null, ids));
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.InRange(actual[i], expected[i] - 5e-4f, expected[i] + 5e-4f);
            }

            float[] next = await TestEngine.RunAsync(() => SequenceScorer.NextLogProbabilities(model.Decoder, null, ids));
            foreach (var pair in line.GetProperty("last_top5").EnumerateArray())
            {
                float reference = pair[1].GetSingle();
                Assert.InRange(next[pair[0].GetInt32()], reference - 5e-4f, reference + 5e-4f);
            }

            compared++;
        }

        Assert.True(compared > 0, $"{set}/logprobs.jsonl compared nothing");
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public async Task Greedy_continuations_equal_the_reference_up_to_a_close_call(string set)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set));
        int compared = 0;
        foreach (var line in Goldens.LinesOf(set, "greedy.jsonl"))
        {
            int[] prompt = line.TryGetProperty("prompt_ids", out var given)
                ? Ints(given)
                : model.EncodePrompt([.. line.GetProperty("messages").EnumerateArray().Select(x => new Training.Text.ChatMessage(x.GetProperty("role").GetString()!, x.GetProperty("content").GetString()!))]);
            int[] expected = Ints(line.GetProperty("ids"));
            float[] margins = Floats(line.GetProperty("margin_to_second"));
            float[] logProbabilities = Floats(line.GetProperty("logprobs"));
            var completions = await new BatchGenerator(TestEngine.Compute).GenerateAsync(
                model, null, [prompt], 2, SamplingOptions.Greedy(expected.Length), (_, _, _) => 0, Training.Compute.WorkPriority.Training, TestContext.Current.CancellationToken);
            Assert.Equal(completions[0][0].Tokens, completions[0][1].Tokens);
            int close = Array.FindIndex(margins, x => x < 2e-3f);
            int count = close < 0 ? expected.Length : close;
            Assert.Equal(expected[..count], completions[0][0].Tokens[..count]);
            for (int i = 0; i < count; i++)
            {
                Assert.InRange(completions[0][0].LogProbabilities[i], logProbabilities[i] - 5e-4f, logProbabilities[i] + 5e-4f);
            }

            compared += count;
        }

        Assert.True(compared > 0, $"{set}/greedy.jsonl compared nothing");
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetInt32())];

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(x => x.GetSingle())];
}
