using RftConsole.Training.Generation;
using RftConsole.Training.Models;

namespace RftConsole.Tests.Generation;

/// <summary>Decoding in groups with a shared prompt gives what scoring each whole sequence by itself gives.</summary>
public sealed class DecodingBatchTests
{
    public static TheoryData<string> Sets => ["tiny-llama-tied", "tiny-qwen2", "tiny-qwen3"];

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Tokens_and_log_probabilities_equal_those_of_the_whole_sequence(string set)
    {
        var model = Endless(await TestEngine.Models.LoadAsync(Goldens.ModelOf(set)));
        var adapter = await TestEngine.RunAsync(() => Samples.Adapter(model.Decoder.Config, 3));
        int[][] prompts = Samples.Prompts(4, model);
        var completions = await Samples.GenerateAsync(TestEngine.Compute, model, prompts, 3, 10, adapter: adapter);
        for (int prompt = 0; prompt < prompts.Length; prompt++)
        {
            for (int sample = 0; sample < 3; sample++)
            {
                await CompareAsync(model, adapter, prompts[prompt], completions[prompt][sample], (prompt, sample));
            }
        }

        await TestEngine.RunAsync(adapter.Dispose);
    }

    [Fact]
    public async Task A_continuation_is_the_same_to_the_last_bit_whatever_is_decoded_beside_it()
    {
        var loaded = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));

        // A third of the vocabulary ends a completion, so groups end after one, two, three … tokens.
        var model = loaded with { EndTokens = Enumerable.Range(0, loaded.Decoder.Config.VocabularySize).Where(x => x % 3 == 0).ToHashSet() };
        int[][] prompts = Samples.Prompts(12, model);
        var together = await Samples.GenerateAsync(TestEngine.Compute, model, prompts, 2, 14);
        Assert.True(together.Select(x => x.Max(y => y.Tokens.Length)).Distinct().Count() >= 4, "the groups end too much alike to prove anything");
        for (int prompt = 0; prompt < prompts.Length; prompt++)
        {
            int place = prompt;
            var alone = (await Samples.GenerateAsync(TestEngine.Compute, model, [prompts[prompt]], 2, 14, random: (_, sample, token) => Samples.Uniform(place, sample, token)))[0];
            for (int sample = 0; sample < 2; sample++)
            {
                Assert.Equal(alone[sample].Tokens, together[prompt][sample].Tokens);
                Assert.Equal(alone[sample].Ended, together[prompt][sample].Ended);
                Assert.Equal(alone[sample].Tokens[^1] % 3 == 0, alone[sample].Ended);
                Assert.Equal(alone[sample].LogProbabilities.Select(BitConverter.SingleToInt32Bits), together[prompt][sample].LogProbabilities.Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public async Task A_row_that_reaches_the_context_limit_ends_with_length_and_the_others_go_on()
    {
        var model = Endless(await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied")));
        int context = model.Decoder.Config.ContextLength;
        int[][] prompts = [Samples.Tokens(context - 3, model, 1), Samples.Tokens(6, model, 2), Samples.Tokens(context - 1, model, 3)];
        var completions = await Samples.GenerateAsync(TestEngine.Compute, model, prompts, 2, 9);

        Assert.All(completions[0], x => Assert.Equal((3, "length"), (x.Tokens.Length, x.FinishReason)));
        Assert.All(completions[1], x => Assert.Equal((9, "length"), (x.Tokens.Length, x.FinishReason)));
        Assert.All(completions[2], x => Assert.Equal((1, "length"), (x.Tokens.Length, x.FinishReason)));
        await CompareAsync(model, null, prompts[0], completions[0][1], (0, 1));
        await CompareAsync(model, null, prompts[1], completions[1][0], (1, 0));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bits()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"));
        int[][] prompts = Samples.Prompts(6, model);
        var first = await Samples.GenerateAsync(TestEngine.Compute, model, prompts, 4, 12, temperature: 0.8);
        var second = await Samples.GenerateAsync(TestEngine.Compute, model, prompts, 4, 12, temperature: 0.8);

        Assert.Equal(first.SelectMany(x => x).Select(x => x.Tokens), second.SelectMany(x => x).Select(x => x.Tokens));
        Assert.Equal(
            first.SelectMany(x => x).SelectMany(x => x.LogProbabilities).Select(BitConverter.SingleToInt32Bits),
            second.SelectMany(x => x).SelectMany(x => x.LogProbabilities).Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public async Task A_prompt_that_enters_later_draws_by_its_own_place()
    {
        var model = Endless(await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied")));
        int waves = (DecodingBatch.RowsFor(model.Decoder.Config, 2) / 64) + 1;
        int[][] prompts = [.. Enumerable.Range(0, waves).Select(i => Samples.Tokens(4, model, (ulong)i))];
        var completions = await Samples.GenerateAsync(TestEngine.Compute, model, prompts, 64, 2);

        await CompareAsync(model, null, prompts[^1], completions[^1][63], (waves - 1, 63));
    }

    private static LoadedModel Endless(LoadedModel model) => model with { EndTokens = new HashSet<int>() };

    private static async Task CompareAsync(LoadedModel model, LoraAdapter? adapter, int[] prompt, Completion completion, (int Prompt, int Sample) place)
    {
        float[] scored = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(model.Decoder, adapter, [.. prompt, .. completion.Tokens]));
        Assert.Equal(completion.Tokens.Length, completion.LogProbabilities.Length);
        for (int i = 0; i < completion.Tokens.Length; i++)
        {
            Assert.Equal(scored[prompt.Length - 1 + i], completion.LogProbabilities[i], 1e-4f);
            float[] next = await TestEngine.RunAsync(() => SequenceScorer.NextLogProbabilities(model.Decoder, adapter, [.. prompt, .. completion.Tokens[..i]]));
            Assert.Equal(TokenSampler.Sample(next, 1, 1, Samples.Uniform(place.Prompt, place.Sample, i)).Id, completion.Tokens[i]);
        }
    }
}
