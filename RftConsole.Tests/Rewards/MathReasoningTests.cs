using System.Text;
using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The template as a job runs it: in the sandbox. One warm worker for all rows.</summary>
public sealed class MathReasoningTests(MathReasoningTests.Template template) : IClassFixture<MathReasoningTests.Template>
{
    public sealed class Template : IAsyncLifetime
    {
        internal IRewardFunction? Function { get; private set; }

        public async ValueTask InitializeAsync() =>
            Function = await RewardFunctions.CreateAsync(new() { Template = "math-reasoning" }, ".", new(), TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => Function?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    [Theory]
    // marks
    [InlineData("48 / 2 = 24\n48 + 24 = 72\n#### 72", "72")]
    [InlineData("####72", "72")]
    [InlineData("ANSWER: 72", "72")]
    [InlineData("Answer: 72.", "72")]
    [InlineData("answer = 72", "72")]
    [InlineData("Answer:\n72", "72")]
    [InlineData("# Answer\n\n72", "72")]
    [InlineData("**Answer:** 72", "72")]
    [InlineData("**Final Answer**: 72 clips", "72")]
    [InlineData("A: 72", "72")]
    [InlineData("A: the total is 48 + 24 = 72 clips", "72")]
    [InlineData("The answer is 72.", "72")]
    [InlineData("So the answer is **72**.", "72")]
    [InlineData("The answer to the problem is 72 clips.", "72")]
    [InlineData("Final Answer: The final answer is 72. I hope it is correct.", "72")]
    [InlineData("<think>maybe 70</think><answer>72</answer>", "72")]
    [InlineData("so \\boxed{72}.", "72")]
    [InlineData("The final answer is $\\boxed{72}$.", "72")]
    [InlineData("\\[ \\boxed{72} \\]", "72")]
    [InlineData("\\boxed{x = 72}", "72")]
    [InlineData("\\boxed{\\text{72 dollars}}", "72")]
    [InlineData("\\boxed{72\\text{ dollars}}", "72")]
    [InlineData("\\boxed{\\$72}", "72")]
    // the marked answer, the last one, wins over other numbers
    [InlineData("#### 72\nIn 2024 she sold 3 more.", "72")]
    [InlineData("The answer is 70. No, wait.\n#### 72", "72")]
    [InlineData("\\boxed{70} is wrong, so \\boxed{72}", "72")]
    [InlineData("The answer is 72. Check: 72 / 2 = 36", "72")]
    [InlineData("The answer is 72 (8 * 9 = 72, and 9 is odd).", "72")]
    // no mark
    [InlineData("48 + 24 = 72", "72")]
    [InlineData("She sold 48 and 24, so 72", "72")]
    [InlineData("x = 72 clips in 2 months", "72")]
    [InlineData("so we get $x=72$.", "72")]
    [InlineData("48 + 24 = <<48+24=72>>72", "72")]
    [InlineData("48 + 24 = <<48+24=72>>", "72")]
    // signs
    [InlineData("#### -5", "-5")]
    [InlineData("#### - 5", "-5")]
    [InlineData("#### −5", "-5")]
    [InlineData("#### +72", "72")]
    [InlineData("The range 3-5 ends at 3-5", "5")]
    // currency and units
    [InlineData("#### $72", "72")]
    [InlineData("#### $72.00", "72")]
    [InlineData("#### -$5", "-5")]
    [InlineData("#### $-5", "-5")]
    [InlineData("#### 72€", "72")]
    [InlineData("#### £ 72", "72")]
    [InlineData("#### USD 72", "72")]
    [InlineData("#### Rs.72", "72")]
    [InlineData("#### 72 km/h", "72 km/h")]
    [InlineData("#### 72km", "72")]
    [InlineData("The area is 5 cm²", "5")]
    [InlineData("The area is 5 cm^2", "5 cm^2")]
    [InlineData("It is 72 °C.", "72")]
    [InlineData("\\boxed{72^\\circ}", "72")]
    // thousands
    [InlineData("#### 1,234,567", "1234567")]
    [InlineData("#### 1234567", "1,234,567")]
    [InlineData("#### $1,234.50", "1234.5")]
    [InlineData("#### 1'000", "1000")]
    [InlineData("#### 1_000", "1000")]
    [InlineData("#### 1\u202f000", "1000")]
    [InlineData("\\boxed{1{,}000}", "1000")]
    [InlineData("\\boxed{1\\,000}", "1000")]
    [InlineData("#### 1.234,56", "1234.56")]
    // decimals, fractions, mixed numbers
    [InlineData("#### 72.000", "72")]
    [InlineData("#### 72", "72.0")]
    [InlineData("#### .5", "0.5")]
    [InlineData("#### 3/4", "0.75")]
    [InlineData("#### 0.75", "3/4")]
    [InlineData("#### 6/8", "3/4")]
    [InlineData("#### -1/2", "-0.5")]
    [InlineData("#### 2 1/2", "2.5")]
    [InlineData("#### 2-1/2", "5/2")]
    [InlineData("#### 2 and 1/2 hours", "2.5")]
    [InlineData("#### 3½", "3.5")]
    [InlineData("#### ½", "1/2")]
    [InlineData("\\boxed{\\frac{3}{4}}", "0.75")]
    [InlineData("\\boxed{-\\dfrac{3}{4}}", "-3/4")]
    [InlineData("\\boxed{\\frac12}", "1/2")]
    [InlineData("\\boxed{2\\frac{1}{2}}", "2.5")]
    [InlineData("#### 0.30000000000000004", "0.3")]
    // percentages, powers, scientific notation, words
    [InlineData("#### 50%", "50%")]
    [InlineData("#### 50%", "50")]
    [InlineData("#### 50", "50%")]
    [InlineData("#### 0.5", "50%")]
    [InlineData("\\boxed{50\\%}", "0.5")]
    [InlineData("#### 50 percent", "1/2")]
    [InlineData("#### 1.2e3", "1200")]
    [InlineData("#### 3 × 10^5", "300000")]
    [InlineData("\\boxed{3 \\times 10^{-2}}", "0.03")]
    [InlineData("#### 10^3", "1000")]
    [InlineData("#### 2 million", "2,000,000")]
    // references as worked solutions, text answers
    [InlineData("#### 72", "48/2 = <<48/2=24>>24\n48+24 = <<48+24=72>>72\n#### 72")]
    [InlineData("#### 4", "x = 4")]
    [InlineData("#### 72", "72 clips")]
    [InlineData("\\boxed{2\\sqrt{3}}", "2\\sqrt{3}")]
    [InlineData("The answer is 3:30", "3:30")]
    [InlineData("Answer: Monday", "monday")]
    [InlineData("Answer: (B)", "B")]
    public async Task A_right_answer_is_recognised_however_it_is_written(string response, string reference) =>
        Assert.Equal(1, (await GradeAsync(response, reference)).Score);

    [Theory]
    [InlineData("#### 73", "72")]
    [InlineData("", "72")]
    [InlineData("I do not know.", "72")]
    [InlineData("72 was my first thought.\n#### 73", "72")]
    [InlineData("#### 72\n#### 73", "72")]
    [InlineData("#### 73 or 72", "72")]
    [InlineData("####", "72")]
    [InlineData("#### -72", "72")]
    [InlineData("#### 7 2", "72")]
    [InlineData("#### 720", "72")]
    [InlineData("#### 72.1", "72")]
    [InlineData("#### 5%", "50%")]
    [InlineData("#### 50%", "0.5%")]
    [InlineData("#### 1/3", "0.33")]
    [InlineData("#### 1/0", "1")]
    [InlineData("#### 1e999999999", "1")]
    [InlineData("\\boxed{2\\sqrt{3}}", "2")]
    [InlineData("\\boxed{2\\pi}", "2")]
    [InlineData("m2", "2")]
    [InlineData("Answer: Tuesday", "monday")]
    [InlineData("#### 3:30", "3:45")]
    public async Task A_wrong_answer_is_not(string response, string reference)
    {
        RewardResult result = await GradeAsync(response, reference);
        Assert.Null(result.Error);
        Assert.Equal(0, result.Score);
    }

    [Theory]
    [InlineData("#### 72", 1)]
    [InlineData("\\boxed{3}", 1)]
    [InlineData("the answer is 3", 1)]
    [InlineData("48 + 24 = 72", 0)]
    [InlineData("", 0)]
    public async Task The_metrics_tell_right_from_marked(string response, double marked)
    {
        RewardResult result = await GradeAsync(response, "72");
        Assert.Equal([new("accuracy", result.Score, RewardMetricType.Reward), new("answer_marked", marked, RewardMetricType.Metric)], result.Metrics);
    }

    [Theory]
    [InlineData("""{"answer":"72"}""")]
    [InlineData("""{"solution":"x = 72","steps":["48 + 24"]}""")]
    [InlineData("""{"final_answer":72,"unit":"clips"}""")]
    [InlineData("""{"value":72.0}""")]
    [InlineData("""{"anything":"72"}""")]
    [InlineData("72")]
    [InlineData("[72]")]
    public async Task A_reference_may_be_an_object_or_a_number(string reference) =>
        Assert.Equal(1, Assert.Single(await ScoreAsync([Grading.Sample("a:0", "#### 72", JsonNode.Parse(reference))])).Score);

    [Fact]
    public async Task A_sample_without_a_reference_is_an_error_and_not_a_zero()
    {
        RewardResult result = Assert.Single(await ScoreAsync([Grading.Sample("a:0", "#### 72")]));
        Assert.Equal("ValueError: sample a:0 has no reference_answer that can be compared", result.Error![..result.Error!.IndexOf(" (line", StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task No_text_makes_it_fail()
    {
        string[] pieces =
        [
            "####", "\\boxed{", "\\frac{", "}{", "}", "{", "answer is ", "Answer:", "<<", ">>", "=", "A: ", "<answer>", "</", "million", "e9", "\\text{", "\\frac12", "%", "$", "/",
            "-", "+", ".", ",", "^", "**", " ", "\n", "\r", "\t", "½", "²", "×", "−", "①", "٣", "𝟙", "\u00a0", "\0", "\ud83d", "日本", "0", "1", "72", "999999999999999999999", "10", "x", "_", "`", "'", "(", ")", "sqrt", "π",
        ];
        Random random = new(7);
        RewardSample[] samples =
        [
            .. Enumerable.Range(0, 4000).Select(index => Grading.Sample($"f:{index}", Text(random, pieces, 40), "0" + Text(random, pieces, 8))),
        ];
        Assert.All(await ScoreAsync(samples), result => Assert.Null(result.Error));
    }

    [Fact]
    public async Task Text_of_any_length_is_graded_in_time()
    {
        string[] pieces = ["1,", "1 ", "\\boxed{", "answer ", "####", "<<", "1/", "(", "{", "answer is 1. ", "A: \n", " \n", "9", "-", "\\frac{", "=1", "1.111", "$", "1 and ", "**", "\\text{"];
        RewardSample[] samples = [.. pieces.Select((piece, index) => Grading.Sample($"l:{index}", string.Concat(Enumerable.Repeat(piece, 100000 / piece.Length)), "72"))];
        Assert.All(await ScoreAsync(samples), result => Assert.Null(result.Error));
    }

    [Fact]
    public async Task A_thousand_completions_take_a_moment()
    {
        RewardSample[] samples =
        [
            .. Enumerable.Range(0, 1024).Select(index => Grading.Sample($"t:{index}", $"Natalia sold 48 clips in April.\nIn May she sold 48 / 2 = <<48/2=24>>24 clips.\nAltogether {index} + 24 = {index + 24} clips.\n#### {index + 24}", $"{index + 24}")),
        ];
        await ScoreAsync(samples[..1]);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        IReadOnlyList<RewardResult> results = await ScoreAsync(samples);
        TimeSpan elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(start);
        Assert.All(results, result => Assert.Equal(1, result.Score));
        TestContext.Current.TestOutputHelper!.WriteLine($"1,024 completions, worker warm: {elapsed.TotalSeconds:0.000} s");
        // The figure to reach is 1.2 s on a machine of its own; this only notices when it is off by an order of magnitude.
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }

    [Fact]
    public void The_template_has_the_name_and_title_of_the_contract()
    {
        RewardTemplate template = RewardTemplates.All.Single(template => template.Name == "math-reasoning");
        Assert.Equal("Mathematical reasoning with ground truth verification", template.Title);
        Assert.Contains("def lambda_handler(event, context):", template.Source);
    }

    private static string Text(Random random, string[] pieces, int most)
    {
        StringBuilder text = new();
        for (int left = random.Next(most); left > 0; left--)
        {
            text.Append(pieces[random.Next(pieces.Length)]);
        }

        return text.ToString();
    }

    private async Task<RewardResult> GradeAsync(string response, string reference) => Assert.Single(await ScoreAsync([Grading.Sample("a:0", response, reference)]));

    private Task<IReadOnlyList<RewardResult>> ScoreAsync(RewardSample[] samples) => template.Function!.ScoreAsync(samples, TestContext.Current.CancellationToken);
}
