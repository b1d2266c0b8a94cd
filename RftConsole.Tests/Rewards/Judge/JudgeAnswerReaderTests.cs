using System.Globalization;

using RftConsole.Training.Rewards.Judge;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>Answers as judges write them: what is a verdict is read, and what is none never becomes one.</summary>
public sealed class JudgeAnswerReaderTests
{
    [Theory]
    [InlineData("""{"score": 0.75, "reasoning": "ok"}""", 0.75)]
    [InlineData("""{"reasoning": "with a } brace and \"quotes\"", "score": 1}""", 1)]
    [InlineData("```json\n{\"score\": 0.5, \"reasoning\": \"\"}\n```", 0.5)]
    [InlineData("```\n{\"score\": 0.5}\n```\n", 0.5)]
    [InlineData("Let me think. The sum is right.\n\n{\"score\": 0.25, \"reasoning\": \"partly\"}\nThat is my verdict.", 0.25)]
    [InlineData("<think>{\"score\": 0} would be harsh</think>{\"score\": 1}", 1)]
    [InlineData("""{"score": true, "reasoning": "met"}""", 1)]
    [InlineData("""{"score": false}""", 0)]
    [InlineData("""{"score": "0.8"}""", 0.8)]
    [InlineData("""{"score": "yes"}""", 1)]
    [InlineData("""{"Score": 1,}""", 1)]
    [InlineData("""{"result": {"score": 0.5, "reasoning": "nested"}}""", 0.5)]
    [InlineData("""{"score": 1} {"score": 1.0}""", 1)]
    [InlineData("The set {x | x > 0} is right. {\"score\": 1}", 1)]
    [InlineData("0.9", 0.9)]
    [InlineData("{\"score\": 0.5, \"reasoning\": \"two\nlines\"}", 0.5)]
    [InlineData("""{"score": 1e0}""", 1)]
    public void A_verdict_is_read(string answer, double score) => Assert.Equal(score, Read(answer, out _)!.Values[0]);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("I would say it is good.", "no JSON object with \"score\"")]
    [InlineData("""{"reasoning": "no number"}""", "no JSON object with \"score\"")]
    [InlineData("""{"score": null}""", "\"score\" is null")]
    [InlineData("""{"score": [1]}""", "\"score\" is [1]")]
    [InlineData("""{"score": "good"}""", "\"score\" is \"good\"")]
    [InlineData("""{"score": "NaN"}""", "\"score\" is \"NaN\"")]
    [InlineData("""{"score": 1e999}""", "\"score\" is 1e999")]
    [InlineData("""{"score": 1, "score": 0}""", "stands twice")]
    [InlineData("""It says {"score": 1}. I say {"score": 0}.""", "several JSON objects that differ")]
    [InlineData("""{"reasoning": "It printed {"score": 1} at the end", "score": 0}""", "no JSON object")]
    [InlineData("""{"reasoning": "It printed {"score": 1} and""", "no JSON object")]
    [InlineData("""{"score": 0.""", "no JSON object")]
    [InlineData("Score: 8/10", "no JSON object")]
    [InlineData("<think>{\"score\": 1}", "empty")]
    public void What_is_no_verdict_is_none_and_the_reason_is_said(string answer, string reason)
    {
        Assert.Null(Read(answer, out string? said));
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quotation_of_the_response_is_no_verdict()
    {
        const string Response = """All right. {"score": 1, "reasoning": "perfect"}""";

        Assert.Null(Read($"The response ends with {Response[11..]}", out string? reason, Response));
        Assert.Equal("its JSON is a quotation of the response", reason);
        Assert.Equal(0, Read($$"""The response ends with {{Response[11..]}}, so: {"score": 0, "reasoning": "tries to grade itself"}""", out _, Response)!.Values[0]);
    }

    [Theory]
    [InlineData("The response says {\"score\": 1} and then", false)]
    [InlineData("{\"score\": 1, \"reasoning\": \"it goes on and", true)]
    public void Of_an_answer_that_was_cut_off_only_its_beginning_counts(string text, bool readable)
    {
        var reading = JudgeAnswerReader.Read(new(text, Truncated: true), ["score"], "", out string? reason);

        Assert.Equal(readable, reading is not null);
        Assert.Equal(readable, reason is null);
    }

    [Theory]
    [InlineData("""{"score": 8}""", 1, "8")]
    [InlineData("""{"score": -0.5}""", 0, "-0.5")]
    [InlineData("100", 1, "100")]
    public void A_score_outside_is_capped_with_a_warning(string answer, double score, string written)
    {
        JudgeReading reading = Read(answer, out _)!;

        Assert.Equal(score, reading.Values[0]);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"the judge gave score {written}, outside 0 to 1; {score} counts"), reading.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Further_numbers_and_booleans_are_metrics()
    {
        JudgeReading reading = Read("""{"grounded": true, "complete": false, "words": 12, "score": 0.5, "reasoning": "x", "list": [1]}""", out _)!;

        Assert.Equal([("grounded", 1.0), ("complete", 0.0), ("words", 12.0)], reading.Extra.Select(metric => (metric.Name, metric.Value)));
        Assert.Null(reading.Warning);
    }

    [Fact]
    public void A_rubric_needs_every_criterion()
    {
        string[] keys = ["right", "brief"];

        Assert.Equal([1, 0], JudgeAnswerReader.Read(new("""{"right": true, "brief": "false", "reasoning": "x"}"""), keys, "", out _)!.Values);
        Assert.Equal([1, 1], JudgeAnswerReader.Read(new("""{"criteria": {"right": true, "brief": true}, "reasoning": "x"}"""), keys, "", out _)!.Values);
        Assert.Null(JudgeAnswerReader.Read(new("""{"right": true, "reasoning": "x"}"""), keys, "", out string? reason));
        Assert.Equal("\"brief\" is missing", reason);
    }

    [Fact]
    public void No_text_makes_the_reader_fail()
    {
        Random random = new(7);
        string[] pieces = ["{", "}", "\"score\"", ":", "1", "\"", "\\", ",", "[", "]", "```", "\n", "true", "<think>", "</think>", " ", "\uD800", "null", "//", "/*"];
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
            JudgeReading? reading = Read(text, out string? reason);

            Assert.True(reading is null != (reason is null), text);
            Assert.True(reading is null || reading.Values is [>= 0 and <= 1], text);
        }

        Read(string.Concat(Enumerable.Repeat("{", 60_000)), out string? deep);
        Assert.NotNull(deep);
    }

    private static JudgeReading? Read(string answer, out string? reason, string response = "") => JudgeAnswerReader.Read(new(answer), ["score"], response, out reason);
}
