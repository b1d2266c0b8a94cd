using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Judge;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>From answers to grades: order, asking again, rubrics, what is kept; and that nothing but a verdict becomes a score.</summary>
public sealed class JudgeRewardFunctionTests
{
    private static readonly JudgeRubric s_rubric = new() { Criteria = [new() { Name = "right", Description = "Right.", Weight = 3 }, new() { Name = "brief", Description = "Brief." }] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_are_in_the_order_of_the_samples_and_equal_questions_are_asked_once()
    {
        ScriptedJudge judge = new(texts => Score(texts[0].Contains("good", StringComparison.Ordinal) ? 1 : 0.25));
        RewardSample[] samples = [JudgeSamples.Of("a", "good"), JudgeSamples.Of("b", "bad"), JudgeSamples.Of("c", "good")];

        var results = await Function(judge).ScoreAsync(samples, Token);

        Assert.Equal([("a", 1), ("b", 0.25), ("c", 1)], results.Select(result => (result.Id, result.Score)));
        Assert.Equal(2, judge.Asked.Count);
        Assert.All(results, result => Assert.Contains("because", result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_is_asked_for_again_with_the_reason()
    {
        ScriptedJudge judge = new(texts => texts.Length == 1 ? new("It is fine.") : Score(0.5));

        var result = Assert.Single(await Function(judge).ScoreAsync(JudgeSamples.Many(1), Token));

        Assert.Equal((0.5, null, null), (result.Score, result.Error, result.Unjudged));
        Assert.Equal(2, judge.Asked.Count);
        Assert.Equal((3, "It is fine."), (judge.Asked[1].Length, judge.Asked[1][1]));
        Assert.Contains("no JSON object", judge.Asked[1][2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_two_more_tries_there_is_no_verdict_and_no_score()
    {
        ScriptedJudge judge = new(texts => texts[0].Contains("r1", StringComparison.Ordinal) ? new("no idea") : Score(1));

        var results = await Function(judge).ScoreAsync(JudgeSamples.Many(3), Token);

        Assert.Equal([true, false, true], results.Select(result => result.IsJudged));
        Assert.True(double.IsNaN(results[1].Score));
        Assert.Contains("could not be read", results[1].Unjudged, StringComparison.Ordinal);
        Assert.Contains("no idea", results[1].Unjudged, StringComparison.Ordinal);
        Assert.Equal(3, judge.Asked.Count(texts => texts[0].Contains("r1", StringComparison.Ordinal)));
        Assert.All(judge.Asked, texts => Assert.InRange(texts.Length, 1, 3));
    }

    [Fact]
    public async Task A_refusal_is_not_asked_for_again()
    {
        ScriptedJudge judge = new(_ => new("", Refusal: "too long"));

        Assert.Equal("too long", Assert.Single(await Function(judge).ScoreAsync(JudgeSamples.Many(1), Token)).Unjudged);
        Assert.Single(judge.Asked);
    }

    [Fact]
    public async Task A_failure_of_infrastructure_is_passed_on()
    {
        ScriptedJudge judge = new(_ => throw new RewardInfrastructureException("down"));

        await Assert.ThrowsAsync<RewardInfrastructureException>(() => Function(judge).ScoreAsync(JudgeSamples.Many(2), Token));
    }

    [Fact]
    public async Task A_rubric_in_one_call_scores_the_weighted_share_of_what_is_met()
    {
        ScriptedJudge judge = new(_ => new("""{"right": true, "brief": false, "answer": 4, "invented": 5, "reasoning": "long"}"""));

        var result = Assert.Single(await Function(judge, s_rubric).ScoreAsync(JudgeSamples.Many(1), Token));

        Assert.Equal(0.75, result.Score);
        Assert.Equal([new("right", 1, RewardMetricType.Reward), new("brief", 0, RewardMetricType.Reward), new("answer", 4, RewardMetricType.Metric)], result.Metrics);
    }

    [Fact]
    public async Task A_rubric_in_one_call_each_needs_every_answer()
    {
        ScriptedJudge judge = new(texts => texts[0].Contains("Brief.", StringComparison.Ordinal) && texts[0].Contains("r1", StringComparison.Ordinal) ? new("hm") : Score(1));

        var results = await Function(judge, s_rubric with { Calls = RubricCalls.Each }).ScoreAsync(JudgeSamples.Many(2), Token);

        Assert.Equal((1, true), (results[0].Score, results[0].IsJudged));
        Assert.Equal(["right", "brief"], results[0].Metrics.Select(metric => metric.Name));
        Assert.False(results[1].IsJudged);
        Assert.Empty(results[1].Metrics);
    }

    [Fact]
    public async Task With_probabilities_the_score_is_the_probability()
    {
        ScriptedJudge judge = new(texts => texts[0].Contains("r0", StringComparison.Ordinal) ? new("", 0.125) : new("", double.NaN));

        var results = await Function(judge, scoring: JudgeScoring.Probability).ScoreAsync(JudgeSamples.Many(2), Token);

        Assert.Equal((0.125, "P(yes) = 0.125"), (results[0].Score, results[0].Output));
        Assert.Contains("neither yes nor no", results[1].Unjudged, StringComparison.Ordinal);
        Assert.Equal(2, judge.Asked.Count);
    }

    [Fact]
    public async Task A_score_that_was_capped_is_a_warning_with_the_samples_id()
    {
        var result = Assert.Single(await Function(new(_ => Score(7))).ScoreAsync(JudgeSamples.Many(1), Token));

        Assert.Equal((1, "sample 's0': the judge gave score 7, outside 0 to 1; 1 counts"), (result.Score, result.Warning));
    }

    [Fact]
    public async Task Verdicts_are_kept_between_runs_and_failures_are_not()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "answers.jsonl");
        ScriptedJudge first = new(texts => texts[0].Contains("r1", StringComparison.Ordinal) ? new("no idea") : Score(0.5));
        await Function(first, cache: new(file)).ScoreAsync(JudgeSamples.Many(2), Token);

        // A process that was killed leaves half a line.
        await File.AppendAllTextAsync(file, "{\"key\":\"ab", Token);
        ScriptedJudge second = new(_ => Score(1));
        var results = await Function(second, cache: new(file)).ScoreAsync(JudgeSamples.Many(2), Token);

        Assert.Equal([0.5, 1], results.Select(result => result.Score));
        Assert.Contains("r1", Assert.Single(second.Asked)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_answered_before_a_failure_is_not_asked_again()
    {
        JudgeCache cache = new(null);
        ScriptedJudge failing = new(texts => texts[0].Contains("r0", StringComparison.Ordinal) ? throw new RewardInfrastructureException("down") : Score(1));
        await Assert.ThrowsAsync<RewardInfrastructureException>(() => Function(failing, cache: cache).ScoreAsync(JudgeSamples.Many(3), Token));

        ScriptedJudge back = new(_ => Score(1));
        await Function(back, cache: cache).ScoreAsync(JudgeSamples.Many(3), Token);

        Assert.Contains("r0", Assert.Single(back.Asked)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_content_hash_covers_what_decides_a_score()
    {
        ScriptedJudge judge = new(_ => Score(1));

        Assert.Distinct(
        [
            Function(judge).ContentHash, Function(judge, s_rubric).ContentHash, Function(judge, s_rubric with { Calls = RubricCalls.Each }).ContentHash,
            Function(judge, scoring: JudgeScoring.Probability).ContentHash, new JudgeRewardFunction("n", judge, "Other {completion}", null, JudgeScoring.Json).ContentHash,
        ]);
        Assert.Equal(Function(judge).ContentHash, Function(judge).ContentHash);
    }

    private static JudgeRewardFunction Function(ScriptedJudge judge, JudgeRubric? rubric = null, JudgeScoring scoring = JudgeScoring.Json, JudgeCache? cache = null) =>
        new("n", judge, "Grade {completion} as an answer to {prompt}.", rubric, scoring, cache);

    private static JudgeAnswer Score(double score) => new(FormattableString.Invariant($$"""{"score": {{score}}, "reasoning": "because"}"""));
}
