using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Graders;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Rewards;

/// <summary>Graders in OpenAI's form as reward functions. Values of text metrics are worked out beside them.</summary>
public sealed class GraderCodeTests
{
    [Theory]
    [InlineData("eq", "Paris", "Paris", 1)]
    [InlineData("eq", "paris", "Paris", 0)]
    [InlineData("ne", "paris", "Paris", 1)]
    [InlineData("like", "It is Paris.", "Paris", 1)]
    [InlineData("like", "It is PARIS.", "Paris", 0)]
    [InlineData("ilike", "It is PARIS.", "Paris", 1)]
    public async Task A_string_check_compares(string operation, string response, string reference, double expected) =>
        Assert.Equal(expected, await ScoreAsync(new() { ["type"] = "string_check", ["operation"] = operation, ["input"] = "{{ sample.output_text }}", ["reference"] = "{{item.reference_answer}}" }, response, reference));

    [Theory]
    // "kitten" and "sitting" have "ittn" in common: 2·4 / 13.
    [InlineData("fuzzy_match", "kitten", "sitting", 0.615384615)]
    // Unigrams: two of three each way.
    [InlineData("rouge_1", "the cat sat", "the cat ran", 0.666666667)]
    // Bigrams: one of two.
    [InlineData("rouge_2", "the cat sat", "the cat ran", 0.5)]
    // Longest common subsequence "the … sat": 2 of 3 and 2 of 4 words; 2·(2/3)(1/2)/(7/6).
    [InlineData("rouge_l", "the cat sat", "the dog has sat", 0.571428571)]
    // 1-grams 2 of 3, 2-grams 1 of 2, 3-grams 0 of 1: 3 of 6.
    [InlineData("gleu", "the cat sat", "the cat ran", 0.5)]
    // Two matches in one chunk; P = R = 2/3, mean 2/3; penalty 0.5·(1/2)³.
    [InlineData("meteor", "the cat sat", "the cat ran", 0.625)]
    // (2/3 · 1/2 · 0.5/1)^(1/3), no brevity penalty.
    [InlineData("bleu", "the cat sat", "the cat ran", 0.550321208)]
    [InlineData("bleu", "same words here", "same words here", 1)]
    public async Task A_text_similarity_is_the_metrics_value(string metric, string response, string reference, double expected) =>
        Assert.Equal(expected, await ScoreAsync(new() { ["type"] = "text_similarity", ["evaluation_metric"] = metric, ["input"] = "{{ sample.output_text }}", ["reference"] = "{{ item.reference_answer }}" }, response, reference), 6);

    [Fact]
    public async Task Templates_reach_into_the_record_and_into_json_of_the_response()
    {
        JsonObject grader = new() { ["type"] = "string_check", ["operation"] = "eq", ["input"] = "{{ sample.output_json.city.name }} {{ sample.output_json.list[1] }}", ["reference"] = "{{ item.place.city }} {{ item.count }}" };

        Assert.Equal(1, await ScoreAsync(grader, """{"city": {"name": "Zürich 😀"}, "list": [1, 7]}""", "", """{"place": {"city": "Zürich 😀"}, "count": 7}"""));
        // What is no JSON, or lacks the key, is a wrong answer and no failure of the grader.
        Assert.Equal(0, await ScoreAsync(grader, "no json", "", """{"place": {"city": "x"}, "count": 7}"""));
        Assert.Equal(0, await ScoreAsync(grader, "{}", "", """{"place": {"city": "x"}, "count": 7}"""));
    }

    [Fact]
    public async Task A_key_that_the_record_lacks_is_an_error_of_the_sample()
    {
        RewardResult result = await GradeAsync(new() { ["type"] = "string_check", ["operation"] = "eq", ["input"] = "{{ item.nothing }}", ["reference"] = "x" }, "x", "x");

        Assert.Contains("{{ item.nothing }}: the record has no 'nothing'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Python_gets_sample_and_item_and_its_number_is_the_score()
    {
        const string source = "import re\ndef grade(sample, item):\n    assert sample['choices'][0]['message']['content'] == sample['output_text']\n    return 0.25 * len(item['messages']) if sample['output_json']['x'] == item['reference_answer'] else True";

        Assert.Equal(0.25, await ScoreAsync(new() { ["type"] = "python", ["source"] = source }, """{"x": "7"}""", "7"));
        Assert.Equal(1, await ScoreAsync(new() { ["type"] = "python", ["source"] = source }, """{"x": "8"}""", "7"));
    }

    [Theory]
    [InlineData("def grade(sample, item)\n    return 1", "line 1 of the grader's source")]
    [InlineData("x = 1", "must define grade(sample, item)")]
    public async Task Python_that_cannot_be_used_says_so_when_it_is_loaded(string source, string expected)
    {
        UserInputException refused = await Assert.ThrowsAnyAsync<UserInputException>(() => StartAsync(new() { ["type"] = "python", ["source"] = source }));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a + b", 1.5)]
    [InlineData("0.5 * a - b / 4 + 2^2", 4.375)]
    [InlineData("max(a, b) * min(a, b)", 0.5)]
    [InlineData("sqrt(abs(-a)) + floor(b) + ceil(b)", 2)]
    public async Task A_multi_grader_calculates_from_its_parts_and_tells_them(string formula, double expected)
    {
        JsonObject grader = new()
        {
            ["type"] = "multi",
            ["graders"] = new JsonObject { ["a"] = Constant(1), ["b"] = Constant(0.5) },
            ["calculate_output"] = formula,
        };

        RewardResult result = await GradeAsync(grader, "x", "");

        Assert.Equal(expected, result.Score);
        Assert.Equal([("a", 1.0), ("b", 0.5)], result.Metrics.Select(metric => (metric.Name, metric.Value)));
    }

    [Theory]
    [InlineData("0.8 * a + 0.2 * b", 0.8, 0.2)]
    [InlineData("(a + b) / 2", 0.5, 0.5)]
    [InlineData("-(b - 2*a)*0.5", 1, -0.5)]
    public void A_weighted_sum_is_read_as_one(string formula, double a, double b)
    {
        IReadOnlyDictionary<string, double> weights = LinearExpression.Weights(formula);

        Assert.Equal((a, b), (weights["a"], weights["b"]));
    }

    [Theory]
    [InlineData("a * b")]
    [InlineData("a / b")]
    [InlineData("a + 1")]
    [InlineData("max(a, b)")]
    [InlineData("a +")]
    [InlineData("(a")]
    [InlineData("a / 0")]
    [InlineData("")]
    public void What_is_no_weighted_sum_is_refused(string formula) => Assert.Throws<UserInputException>(() => LinearExpression.Weights(formula));

    private static JsonObject Constant(double value) => new() { ["type"] = "python", ["source"] = FormattableString.Invariant($"def grade(sample, item):\n    return {value}") };

    private static async Task<double> ScoreAsync(JsonObject grader, string response, string reference, string metadata = "{}")
    {
        RewardResult result = await GradeAsync(grader, response, reference, metadata);
        Assert.Null(result.Error);
        return result.Score;
    }

    private static async Task<RewardResult> GradeAsync(JsonObject grader, string response, string reference, string metadata = "{}")
    {
        await using PythonRewardFunction function = await StartAsync(grader);
        RewardSample sample = new("record:0", [new ChatMessage("user", "question"), new ChatMessage("assistant", response)], reference, (JsonObject)JsonNode.Parse(metadata)!);
        return (await function.ScoreAsync([sample], TestContext.Current.CancellationToken))[0];
    }

    private static Task<PythonRewardFunction> StartAsync(JsonObject grader) => PythonRewardFunction.StartAsync("reward.py", GraderCode.Of(grader), new RewardOptions(), TestContext.Current.CancellationToken);
}
