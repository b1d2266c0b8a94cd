using RftConsole.Training.Grpo;

namespace RftConsole.Tests.Grpo;

/// <summary>Advantages, computed by hand.</summary>
public sealed class AdvantagesTests
{
    [Fact]
    public void Group_scaling_divides_by_the_unbiased_deviation_of_the_group()
    {
        // Mean 0.5; squared differences 4 × 0.25 = 1, over 3: deviation 1/√3. The second group: mean 2, squared differences 1 + 0 + 1, over 2: 1.
        double[][] advantages = Advantages.Of([[1, 0, 0, 1], [3, 2, 1]], AdvantageScaling.Group);

        double a = 0.5 / ((1 / Math.Sqrt(3)) + 1e-4);
        Close([a, -a, -a, a], advantages[0]);
        Close([1 / 1.0001, 0, -1 / 1.0001], advantages[1]);
    }

    [Fact]
    public void Batch_scaling_divides_by_the_deviation_over_all_groups()
    {
        // All: 0, 2, 5, 5; mean 3; squared differences 9 + 1 + 4 + 4 = 18, over 3: deviation √6.
        double[][] advantages = Advantages.Of([[0, 2], [5, 5]], AdvantageScaling.Batch);

        Close([-1 / (Math.Sqrt(6) + 1e-4), 1 / (Math.Sqrt(6) + 1e-4)], advantages[0]);
        Assert.Equal([0, 0], advantages[1]);
    }

    [Fact]
    public void No_scaling_leaves_the_difference_from_the_mean() =>
        Close([-0.75, 0.25, 0.5], Advantages.Of([[0, 1, 1.25]], AdvantageScaling.None)[0]);

    [Theory]
    [InlineData(AdvantageScaling.Group)]
    [InlineData(AdvantageScaling.Batch)]
    [InlineData(AdvantageScaling.None)]
    public void Equal_rewards_have_exactly_no_advantage(AdvantageScaling scaling)
    {
        // (0.1 + 0.1 + 0.1) / 3 is not 0.1 in binary.
        double[][] advantages = Advantages.Of([[0.1, 0.1, 0.1], [1, 2, 3]], scaling);

        Assert.Equal([0.0, 0.0, 0.0], advantages[0]);
        Assert.NotEqual(0, advantages[1][0]);
    }

    [Fact]
    public void A_completion_that_is_left_out_has_no_part_in_its_group()
    {
        double[][] advantages = Advantages.Of([[1, null, 3], [null, 7], [null, null]], AdvantageScaling.Group);

        // Mean 2, squared differences 2, over 1: deviation √2.
        Close([-1 / (Math.Sqrt(2) + 1e-4), 0, 1 / (Math.Sqrt(2) + 1e-4)], advantages[0]);
        Assert.Equal([0, 0], advantages[1]);
        Assert.Equal([0, 0], advantages[2]);
    }

    [Fact]
    public void Advantages_of_a_group_sum_to_zero() =>
        Assert.Equal(0, Advantages.Of([[0.3, -1.7, 2.9, 0.4, 0.4]], AdvantageScaling.Group)[0].Sum(), 1e-12);

    private static void Close(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual, (x, y) => (x, y)), pair => Assert.Equal(pair.x, pair.y, 1e-12));
}
