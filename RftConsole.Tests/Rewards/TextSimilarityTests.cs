using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The template <c>text-similarity</c> in the sandbox, against numbers that are derived by hand beside them.</summary>
public sealed class TextSimilarityTests
{
    private static readonly (string Metric, string Response, string Reference, double Value)[] s_derived =
    [
        // Longest common subsequence "the cat on the mat": 5 of 6 words on both sides, so F1 = 5/6.
        ("rouge_l", "The cat sat on the mat.", "the cat is on the mat", 5 / 6.0),
        // "police killed": 2 of 3 words and 2 of 4: P = 2/3, R = 1/2, F1 = 2·(2/3)(1/2)/(7/6) = 4/7.
        ("rouge_l", "police then killed", "police killed the gunman", 4 / 7.0),
        // The order counts: of "b a" and "a b" one word is common in order.
        ("rouge_l", "b a", "a b", 0.5),
        ("rouge_l", "", "a b", 0),
        // Without "the": {cat, sat} and {cat, sat, down}: P = 1, R = 2/3, F1 = 4/5.
        ("token_f1", "the cat sat", "Sat down, cat!", 0.8),
        // A repeated word is common as often as both have it: P = 1/3, R = 1, F1 = 1/2.
        ("token_f1", "rome rome rome", "Rome", 0.5),
        ("token_f1", "the", "a", 0),
        // kitten → sitting: 3 edits, 7 letters.
        ("fuzzy", "kitten", "sitting", 4 / 7.0),
        ("fuzzy", " SITTING ", "sitting", 1),
        ("fuzzy", "", "abc", 0),
        // n = 1: 2 of 3 letters; n = 2: "ab" of "ab", "bc"; n = 3: none. P = R = (2/3 + 1/2 + 0)/3 = 7/18.
        ("chrf", "abc", "abd", 7 / 18.0),
        // n = 1: P = 2/2, R = 2/4; n = 2: P = 1/1, R = 1/3. P = 1, R = 5/12; F2 = 5·P·R/(4·P + R) = (25/12)/(53/12) = 25/53.
        ("chrf", "ab", "ab cd", 25 / 53.0),
        ("chrf", "xyz", "abc", 0),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_measure_gives_what_its_definition_gives()
    {
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(
            [.. s_derived.Select((row, index) => Grading.Sample($"s:{index}", row.Response, row.Reference, new() { ["metric"] = row.Metric }))],
            Token);
        Assert.All(results.Zip(s_derived), pair =>
        {
            Assert.Null(pair.First.Error);
            Assert.Equal(pair.Second.Value, pair.First.Score, 12);
            Assert.Equal(pair.Second.Metric, Assert.Single(pair.First.Metrics, metric => metric.Type == RewardMetricType.Reward).Name);
        });
    }

    [Fact]
    public async Task The_reference_itself_gets_1_and_the_most_similar_of_several_counts()
    {
        JsonNode[] references = ["A fine day.", new JsonArray("Rain.", "A fine day."), new JsonObject { ["summary"] = "A fine day." }];
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync([.. references.Select((reference, index) => Grading.Sample($"s:{index}", "A fine day.", reference))], Token);
        Assert.All(results, result => Assert.All(result.Metrics, metric => Assert.Equal(1, metric.Value, 12)));
    }

    [Fact]
    public async Task What_cannot_be_compared_is_an_error_that_says_why()
    {
        await using IRewardFunction function = await StartAsync();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(
            [Grading.Sample("none:0", "x"), Grading.Sample("empty:0", "x", " "), Grading.Sample("metric:0", "x", "x", new() { ["metric"] = "bleurt" })],
            Token);
        Assert.Contains("sample none:0 has no reference_answer to compare with", results[0].Error);
        Assert.Contains("sample empty:0 has no reference_answer to compare with", results[1].Error);
        Assert.Contains("the metric 'bleurt' is not known; there are rouge_l, chrf, token_f1, fuzzy", results[2].Error);
    }

    [Fact]
    public async Task Long_texts_are_compared_within_the_time_of_a_sample()
    {
        Random random = new(3);
        string Long() => string.Join(' ', Enumerable.Range(0, 30000).Select(_ => (char)('a' + random.Next(26))));
        await using IRewardFunction function = await StartAsync();
        Assert.Null(Assert.Single(await function.ScoreAsync([Grading.Sample("s:0", Long(), Long())], Token)).Error);
    }

    private static Task<IRewardFunction> StartAsync() => RewardFunctions.CreateAsync(new() { Template = "text-similarity" }, ".", new(), Token);
}
