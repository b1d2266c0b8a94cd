using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;
using RftConsole.Web.Evaluation;

namespace RftConsole.Tests.Components.Playground;

/// <summary>Wins, ties, losses and disagreements, counted by hand.</summary>
public sealed class ComparisonTableTests
{
    [Fact]
    public void Wins_ties_and_losses_are_counted_against_the_first_side()
    {
        ComparisonTable table = ComparisonTable.Of([Prompt(0, 0, 1), Prompt(1, 1, 1), Prompt(2, 1, 0), Prompt(3, 0.25, 0.5), Prompt(4, 0.3, 0.1 + 0.2)], 1);

        ComparisonSide tuned = table.Sides[1];
        Assert.Equal((2, 2, 1), (tuned.Wins, tuned.Ties, tuned.Losses));
        Assert.Equal((0, 5, 0), (table.Sides[0].Wins, table.Sides[0].Ties, table.Sides[0].Losses));
        Assert.Equal(2.55 / 5, table.Sides[0].MeanReward!.Value, 12);
        Assert.Equal(2.8 / 5, tuned.MeanReward!.Value, 12);
        Assert.Equal(0.25 / 5, tuned.Difference!.Value, 12);
        Assert.Equal(0.4, tuned.Accuracy!.Value, 12);
    }

    [Fact]
    public void The_interval_of_the_mean_difference_is_that_of_paired_samples()
    {
        // Differences 1, 0, 0, 1: mean 0.5, sample variance 1/3, so 1.96 · √(1/3 / 4).
        ComparisonTable table = ComparisonTable.Of([Prompt(0, 0, 1), Prompt(1, 1, 1), Prompt(2, 0, 0), Prompt(3, 0, 1)], 1);

        Assert.Equal(0.5, table.Sides[1].Difference!.Value, 12);
        Assert.Equal(1.96 * Math.Sqrt(1.0 / 12), table.Sides[1].Margin!.Value, 12);
        Assert.Null(ComparisonTable.Of([Prompt(0, 0, 1)], 1).Sides[1].Margin);
    }

    [Fact]
    public void Disagreements_come_widest_first_and_name_the_best_side()
    {
        ComparisonTable table = ComparisonTable.Of([Prompt(0, 0.5, 0.5, 0.5), Prompt(1, 0.2, 0.4, 0.3), Prompt(2, 1, 0, 0), Prompt(3, 0, 0, 1)], 1);

        Assert.Equal([2, 3, 1], table.Disagreements.Select(found => found.Prompt.Number));
        Assert.Equal([0, 2, 1], table.Disagreements.Select(found => found.Best));
    }

    [Fact]
    public void A_prompt_without_a_reward_on_one_side_is_neither_won_nor_lost()
    {
        ComparedAnswer none = new(null, 0, false, null, "too long");
        ComparedAnswer unjudged = new("x", 1, false, RewardResult.WithoutVerdict("r", "no verdict", ""), null);
        ComparisonTable table = ComparisonTable.Of([Prompt(0, 1, 1) with { Answers = [FakeComparison.Answer("a", 1), none] }, Prompt(1, 1, 1) with { Answers = [unjudged, FakeComparison.Answer("b", 1)] }, Prompt(2, 0, 1)], 1);

        ComparisonSide tuned = table.Sides[1];
        Assert.Equal((1, 0, 0, 1, 2), (tuned.Wins, tuned.Ties, tuned.Losses, tuned.Missing, tuned.Graded));
        Assert.Equal(1, table.Sides[0].Missing);
        Assert.Equal(2, Assert.Single(table.Disagreements).Prompt.Number);
    }

    [Fact]
    public void An_answer_that_the_code_cannot_grade_counts_with_the_failure_score_and_is_never_accurate()
    {
        ComparedAnswer failed = new("x", 1, true, new RewardResult("r", 1, [], "ValueError", ""), null);
        ComparisonTable table = ComparisonTable.Of([Prompt(0, 1, 1) with { Answers = [failed, FakeComparison.Answer("a", 1)] }], 1);

        ComparisonSide side = table.Sides[0];
        Assert.Equal((1.0, 0.0, 1, 1), (side.MeanReward!.Value, side.Accuracy!.Value, side.Errors, side.CutOff));
        Assert.Equal(1, table.Sides[1].Ties);
    }

    [Fact]
    public void Nothing_compared_has_no_sides()
    {
        ComparisonTable table = ComparisonTable.Of([], 1);

        Assert.Empty(table.Sides);
        Assert.Empty(table.Disagreements);
    }

    private static ComparedPrompt Prompt(int number, params double[] rewards) =>
        new(number, new TrainingRecord($"r{number}", [new ChatMessage("user", "?")], null, []), [.. rewards.Select(reward => FakeComparison.Answer("text", reward))]);
}
