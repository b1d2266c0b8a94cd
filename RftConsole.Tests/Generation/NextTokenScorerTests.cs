using RftConsole.Training.Generation;

namespace RftConsole.Tests.Generation;

/// <summary>Sequences that begin alike are scored together and get what each gets alone.</summary>
public sealed class NextTokenScorerTests
{
    [Theory]
    [InlineData("tiny-llama-tied")]
    [InlineData("tiny-qwen3")]
    public async Task Branches_of_a_prefix_score_as_whole_sequences_do(string name)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(name));
        int[] prefix = Samples.Tokens(21, model, 3);
        int[][] sequences = [[.. prefix, .. Samples.Tokens(1, model, 4)], [.. prefix, .. Samples.Tokens(9, model, 5)], prefix, [.. prefix, .. Samples.Tokens(4, model, 6)]];
        int[] next = [0, 7, model.Decoder.Config.VocabularySize - 1];

        float[][] together = await TestEngine.RunAsync(() => NextTokenScorer.Score(model.Decoder, sequences, next));

        for (int i = 0; i < sequences.Length; i++)
        {
            float[] alone = await TestEngine.RunAsync(() => SequenceScorer.NextLogProbabilities(model.Decoder, null, sequences[i]));
            Assert.All(next.Index(), x => Assert.Equal(alone[x.Item], together[i][x.Index], 2e-4f));
        }
    }

    [Fact]
    public async Task A_single_token_and_one_sequence_alone_are_scored_too()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        float[] alone = await TestEngine.RunAsync(() => SequenceScorer.NextLogProbabilities(model.Decoder, null, [5]));

        Assert.Equal(alone[3], (await TestEngine.RunAsync(() => NextTokenScorer.Score(model.Decoder, [[5]], [3])))[0][0], 1e-5f);
        float[][] two = await TestEngine.RunAsync(() => NextTokenScorer.Score(model.Decoder, [[5], [6, 7]], [3]));
        Assert.Equal(alone[3], two[0][0], 1e-5f);
    }

    [Fact]
    public void Calls_keep_the_order_and_put_together_what_begins_alike()
    {
        static int[] Sequence(int first, int shared, int own, int length) => [.. Enumerable.Repeat(first, shared), .. Enumerable.Repeat(own, length)];
        int[][] sequences =
        [
            Sequence(1, 100, 2, 10), Sequence(1, 100, 3, 20), Sequence(1, 100, 4, 1), // together
            Sequence(9, 100, 2, 10), Sequence(9, 100, 3, 90), // another prompt
            Sequence(9, 40, 5, 90), // too little in common
        ];

        var calls = NextTokenScorer.Calls(sequences);

        Assert.Equal([3, 2, 1], calls.Select(call => call.Count));
        Assert.Equal(sequences, calls.SelectMany(call => call));
        Assert.Empty(NextTokenScorer.Calls([]));
    }

    [Fact]
    public void A_call_stays_small_whatever_is_in_common()
    {
        int[][] sequences = [.. Enumerable.Range(0, 64).Select(i => (int[])[.. Enumerable.Repeat(1, 300), .. Enumerable.Repeat(i, 60)])];

        var calls = NextTokenScorer.Calls(sequences);

        Assert.Equal(64, calls.Sum(call => call.Count));
        Assert.All(calls, call => Assert.InRange(300 + (call.Count * 60), 0, 1536));
        Assert.True(calls.Count <= 4, $"{calls.Count} calls");
    }
}
