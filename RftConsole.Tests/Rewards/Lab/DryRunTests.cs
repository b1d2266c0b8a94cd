using System.Text.Json.Nodes;

using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Rewards.Lab;

/// <summary>What a dry run measures, and what it says about it.</summary>
public sealed class DryRunTests
{
    [Fact]
    public void Figures_are_those_of_the_scores()
    {
        // Two groups with spread 1 and 0.5, one without any, one with a single grade that nothing is compared with.
        DryRunStatistics figures = DryRunStatistics.Of([Group(0, 1), Group(0.5, 1), Group(1, 1), Group(0.25)]);

        Assert.Equal((7, 0, 3), (figures.Responses, figures.Failures, figures.ComparedGroups));
        Assert.Equal(4.75 / 7, figures.Mean, 12);
        Assert.Equal(1.0 / 3, figures.ZeroSpreadShare, 12);
        Assert.Equal(0.5, figures.MeanMargin, 12);
        Assert.Equal(4.0 / 7, figures.FullShare, 12);
        Assert.Equal((0, 1), (figures.Lowest, figures.Highest));
        // Population deviation by hand: mean of squares 4.3125 / 7 minus the squared mean.
        Assert.Equal(Math.Sqrt(4.3125 / 7 - Math.Pow(4.75 / 7, 2)), figures.StandardDeviation, 12);
    }

    [Fact]
    public void The_histogram_holds_every_score_once_and_covers_all_of_them()
    {
        DryRunStatistics figures = DryRunStatistics.Of([Group(-1, 0, 0.05, 0.1, 0.999, 1, 2)]);

        Assert.Equal(7, figures.Histogram.Sum(bar => bar.Count));
        Assert.Equal((-1, 2), (figures.Histogram[0].From, Math.Round(figures.Histogram[^1].To, 9)));
        Assert.Equal(1, figures.Histogram[0].Count);
        Assert.Equal(1, figures.Histogram[^1].Count);
    }

    [Fact]
    public void Scores_on_the_border_of_two_bars_stand_in_the_upper_one()
    {
        DryRunStatistics figures = DryRunStatistics.Of([Group(0, 0.1, 0.3, 0.7, 1)]);

        Assert.Equal([1, 1, 0, 1, 0, 0, 0, 1, 0, 1], figures.Histogram.Select(bar => bar.Count));
    }

    [Fact]
    public void Failures_and_missing_verdicts_count_in_no_mean_and_in_no_spread()
    {
        RewardResult failed = new("a", 0, [], "ValueError: no", "");
        RewardResult unjudged = RewardResult.WithoutVerdict("a", "cannot be read", "");
        DryRunStatistics figures = DryRunStatistics.Of([Group([Scored(1), new(new("x"), failed), new(new("x"), unjudged)]), Group(1, 0)]);

        Assert.Equal((5, 1, 1, 1), (figures.Responses, figures.Failures, figures.Unjudged, figures.ComparedGroups));
        Assert.Equal(2.0 / 3, figures.Mean, 12);
        Assert.Equal("ValueError: no", figures.FirstFailure);
        Assert.Equal(3, figures.Histogram.Sum(bar => bar.Count));
    }

    [Fact]
    public void Nothing_at_all_is_no_fault_and_says_nothing()
    {
        DryRunStatistics figures = DryRunStatistics.Of([]);

        Assert.Empty(figures.Histogram);
        Assert.Empty(DryRunRemarks.Of(figures));
    }

    [Fact]
    public void Most_groups_without_spread_teach_nothing()
    {
        // 5 of 8 groups: 62.5 %, which reads as 62 %.
        GradedGroup[] groups = [.. Enumerable.Repeat(Group(0, 0), 5), .. Enumerable.Repeat(Group(0, 1), 3)];

        Expect(groups, RemarkTone.Warning, "62 % of the groups have no spread: these teach nothing.");
    }

    [Theory]
    [InlineData(0, "the baseline is 0 %")]
    [InlineData(0.5, "Every response gets 0.5: no group has any spread")]
    [InlineData(1, "100 % of the responses get the full reward already")]
    public void A_reward_that_is_always_the_same_is_bad_news(double score, string said) => Expect([Group(score, score), Group(score, score)], RemarkTone.Bad, said);

    [Fact]
    public void Groups_that_each_agree_within_themselves_teach_nothing_although_scores_differ() =>
        Expect([Group(0, 0), Group(1, 1)], RemarkTone.Bad, "No group has any spread");

    [Fact]
    public void Scores_that_hardly_differ_are_noise_and_near_1_leave_nothing_to_gain()
    {
        GradedGroup[] groups = [Group(0.99999, 0.99998), Group(0.99999, 0.99997)];

        Expect(groups, RemarkTone.Warning, "The scores hardly differ: less than 0.01 between the best and the worst response");
        Expect(groups, RemarkTone.Bad, "The mean score is 1 already: there is nothing to gain.");
        Assert.DoesNotContain(DryRunRemarks.Of(DryRunStatistics.Of(groups)), remark => remark.Tone < RemarkTone.Warning);
    }

    [Fact]
    public void A_highest_score_just_below_the_full_reward_is_not_called_1() =>
        Expect([Group(0.99999, 0)], RemarkTone.Note, "the highest score is 0.999.");

    [Fact]
    public void A_baseline_above_95_per_cent_leaves_nothing_to_gain()
    {
        GradedGroup[] groups = [.. Enumerable.Repeat(Group(1, 1, 1, 1), 7), Group(1, 1, 1, 0)];

        Expect(groups, RemarkTone.Bad, "97 % of the responses get the full reward already: there is nothing to gain.");
    }

    [Fact]
    public void A_healthy_reward_has_nothing_bad_said_about_it()
    {
        IReadOnlyList<DryRunRemark> remarks = DryRunRemarks.Of(DryRunStatistics.Of([Group(0, 1), Group(0, 0, 1), Group(1, 0.5)]));

        Assert.DoesNotContain(remarks, remark => remark.Tone >= RemarkTone.Warning);
        Assert.Contains(remarks, remark => remark.Tone == RemarkTone.Good && remark.Text.Contains("Every group has spread", StringComparison.Ordinal));
    }

    [Fact]
    public void Failures_are_said_with_the_first_reason_and_the_worst_comes_first()
    {
        GradedResponse failed = new(new("x"), new("a", 0, [], "KeyError: 'answer' (line 3)", ""));

        Expect([Group([failed, failed])], RemarkTone.Bad, "The function fails on every response: KeyError: 'answer' (line 3)");
        Expect([Group([failed, Scored(0), Scored(1)]), Group(0, 1)], RemarkTone.Warning, "1 of 5 responses could not be graded");
        Assert.Equal(RemarkTone.Bad, DryRunRemarks.Of(DryRunStatistics.Of([Group([failed, failed, Scored(1)])]))[0].Tone);
    }

    [Fact]
    public void A_judge_that_cannot_be_read_is_said()
    {
        GradedResponse unjudged = new(new("x"), RewardResult.WithoutVerdict("a", "no JSON", ""));

        Expect([Group([unjudged, unjudged])], RemarkTone.Bad, "no verdict on any response");
        Expect([Group([unjudged, Scored(0), Scored(1)]), Group(0, 1)], RemarkTone.Bad, "no verdict on 1 of 5 responses; a job pauses");
    }

    [Fact]
    public void A_score_that_follows_the_length_is_warned_about()
    {
        GradedGroup[] groups = [.. Enumerable.Range(0, 4).Select(_ => Group([.. Enumerable.Range(1, 5).Select(length => Scored(length / 10.0, new string('a', length * 20)))]))];

        Expect(groups, RemarkTone.Warning, "longer responses");
    }

    [Fact]
    public void Truncated_responses_and_scores_out_of_range_are_warned_about()
    {
        GradedGroup group = Group([Scored(2), Scored(0) with { Response = new("cut", Truncated: true) }]);

        Expect([group], RemarkTone.Warning, "50 % of the responses ended at the limit of tokens");
        Expect([group], RemarkTone.Warning, "1 of the scores lie outside -1 to 1 (0 to 2)");
    }

    [Fact]
    public async Task A_run_grades_in_calls_of_the_batch_size_tells_its_progress_and_keeps_ids_apart()
    {
        RecordingReward reward = new();
        Told told = new();
        TrainingRecord record = Record("r");

        DryRunReport report = await DryRun.RunAsync(reward, [new(record, [new("1"), new("2"), new("3")]), new(record, [new("4"), new("5")])], 2, told, TestContext.Current.CancellationToken);

        Assert.Equal([2, 2, 1], reward.Calls.Select(call => call.Count));
        Assert.Equal(["r:0", "r:1", "r:2", "r:3", "r:4"], reward.Calls.SelectMany(call => call).Select(sample => sample.Id));
        Assert.Equal([2, 4, 5], told.Values);
        Assert.Equal([[1, 2, 3], [4, 5]], report.Groups.Select(group => group.Responses.Select(response => response.Result.Score)));
        Assert.Equal(3, report.Calls);
    }

    [Fact]
    public async Task A_cancelled_run_ends()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DryRun.RunAsync(new RecordingReward(), [new(Record("r"), [new("1")])], 2, null, cancelled.Token));
    }

    private static void Expect(IReadOnlyList<GradedGroup> groups, RemarkTone tone, string said) =>
        Assert.Contains(DryRunRemarks.Of(DryRunStatistics.Of(groups)), remark => remark.Tone == tone && remark.Text.Contains(said, StringComparison.Ordinal));

    private static GradedGroup Group(params double[] scores) => Group([.. scores.Select(score => Scored(score))]);

    private static GradedGroup Group(GradedResponse[] responses) => new(Record("r"), responses);

    private static GradedResponse Scored(double score, string text = "text") => new(new(text), new("a", score, [], null, ""));

    private static TrainingRecord Record(string id) => new(id, [new ChatMessage("user", "?")], JsonValue.Create("1"), []);

    private sealed class Told : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value) => Values.Add(value);
    }

    /// <summary>The score is the response's number.</summary>
    private sealed class RecordingReward : IRewardFunction
    {
        public List<IReadOnlyList<RewardSample>> Calls { get; } = [];

        public string Name => "recording";

        public string ContentHash => "";

        public Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Calls.Add(samples);
            return Task.FromResult<IReadOnlyList<RewardResult>>([.. samples.Select(sample => new RewardResult(sample.Id, int.Parse(sample.Messages[^1].Content, System.Globalization.CultureInfo.InvariantCulture), [], null, ""))]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
