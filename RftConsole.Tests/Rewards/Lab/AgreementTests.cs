using RftConsole.Training.Rewards.Lab;

namespace RftConsole.Tests.Rewards.Lab;

/// <summary>How far a function agrees with a person.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void Passes_and_fails_are_counted_on_both_sides()
    {
        // Three passes of which two are seen, two fails of which one is seen; one response without a score.
        Agreement found = Agreement.Of([new(1, 1), new(1, 0.8), new(1, 0.1), new(0, 0), new(0.2, 0.9), new(1, null)], 0.5);

        Assert.Equal((5, 1), (found.Compared, found.Missing));
        Assert.Equal(3.0 / 5, found.Accuracy!.Value, 12);
        Assert.Equal((2.0 / 3 + 1.0 / 2) / 2, found.BalancedAccuracy!.Value, 12);
        Assert.Equal((1, 1), (found.WrongPasses, found.WrongFails));
    }

    [Fact]
    public void A_function_that_passes_everything_is_right_by_half_in_balance_however_many_are_good()
    {
        GradedPair[] pairs = [.. Enumerable.Repeat(new GradedPair(1, 1), 9), new(0, 1)];

        Agreement found = Agreement.Of(pairs, 1);

        Assert.Equal((0.9, 0.5), (found.Accuracy, found.BalancedAccuracy));
    }

    [Fact]
    public void Examples_of_one_kind_alone_have_no_balance_and_no_examples_have_nothing()
    {
        Assert.Null(Agreement.Of([new(1, 1)], 1).BalancedAccuracy);
        Assert.Equal(new Agreement(0, 0, null, null, 0, 0), Agreement.Of([], 1));
    }

    [Fact]
    public void A_sum_of_weights_that_is_one_but_for_rounding_is_a_pass() => Assert.Equal(1, Agreement.Of([new(1, 0.1 + 0.2 + 0.7 - 1e-15)], 1).Accuracy);
}
