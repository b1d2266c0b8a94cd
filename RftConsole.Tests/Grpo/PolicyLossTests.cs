using RftConsole.Training.Compute;
using RftConsole.Training.Grpo;

namespace RftConsole.Tests.Grpo;

/// <summary>The written-out derivative is that of the loss, and the weights of the tokens are those of the loss type.</summary>
public sealed class PolicyLossTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(3.0)]
    public void The_gradient_is_the_central_difference_of_the_loss(double kl)
    {
        var options = Options(LossType.Dapo, kl);
        int low = 0, high = 0, flat = 0;
        for (ulong i = 0; i < 4000; i++)
        {
            var token = new TokenLossInputs(
                -3 * CounterRandom.Uniform(1, 0, i), -3 * CounterRandom.Uniform(1, 1, i), -3 * CounterRandom.Uniform(1, 2, i), CounterRandom.Normal(1, 3, i), CounterRandom.Uniform(1, 4, i));
            double ratio = Math.Exp(token.New - token.Old);
            if (Math.Abs(ratio - 0.8) < 1e-3 || Math.Abs(ratio - 1.28) < 1e-3)
            {
                // The loss has a kink there.
                continue;
            }

            const double Step = 1e-5;
            double difference = (PolicyLoss.Of(token with { New = token.New + Step }, options).Loss - PolicyLoss.Of(token with { New = token.New - Step }, options).Loss) / (2 * Step);
            var result = PolicyLoss.Of(token, options);
            Assert.Equal(difference, result.Gradient, 1e-7 * Math.Max(1, Math.Abs(difference) * 10));
            low += result.ClippedLow ? 1 : 0;
            high += result.ClippedHigh ? 1 : 0;
            flat += result.Gradient == 0 ? 1 : 0;
            Assert.Equal(token.Advantage < 0 && ratio < 0.8, result.ClippedLow);
            Assert.Equal(token.Advantage > 0 && ratio > 1.28, result.ClippedHigh);
        }

        Assert.True(low > 100 && high > 100, "too few of the inputs were clipped");
        Assert.Equal(kl == 0 ? low + high : 0, flat);
    }

    [Fact]
    public void The_loss_is_that_of_the_paper()
    {
        // Ratio e^0.5 = 1.6487 is clipped at 1.28 where the advantage is positive, and counts in full where it is negative.
        Assert.Equal(-0.5 * 1.28 * 2, PolicyLoss.Of(new(-1, -1.5, 0, 2, 0.5), Options(LossType.Dapo, 0)).Loss, 1e-12);
        Assert.Equal(0.5 * Math.Exp(0.5) * 2, PolicyLoss.Of(new(-1, -1.5, 0, -2, 0.5), Options(LossType.Dapo, 0)).Loss, 1e-12);

        // Ratio e^-0.5 = 0.6065 is clipped at 0.8 where the advantage is negative.
        Assert.Equal(0.8, PolicyLoss.Of(new(-1.5, -1, 0, -1, 1), Options(LossType.Dapo, 0)).Loss, 1e-12);
    }

    [Fact]
    public void The_divergence_is_zero_where_policy_and_base_agree_and_positive_elsewhere()
    {
        var options = Options(LossType.Dapo, 0.1);

        Assert.Equal(0, PolicyLoss.Of(new(-1, -1, -1, 0, 1), options).Kl);
        Assert.Equal(Math.Exp(0.7) - 0.7 - 1, PolicyLoss.Of(new(-1.7, -1.7, -1, 0, 1), options).Kl, 1e-12);
        Assert.Equal(Math.Exp(-0.7) + 0.7 - 1, PolicyLoss.Of(new(-1, -1, -1.7, 0, 1), options).Kl, 1e-12);
    }

    [Theory]
    [InlineData(LossType.Dapo, 1)]
    [InlineData(LossType.Bnpo, 1)]
    [InlineData(LossType.Grpo, 1)]
    [InlineData(LossType.DrGrpo, (3 + 5 + 16) / (3.0 * 16))]
    public void Weights_of_a_batch_sum_to_what_the_loss_type_averages_to(LossType type, double expected)
    {
        int[] lengths = [3, 5, 16];

        Assert.Equal(expected, lengths.Sum(x => x * PolicyLoss.TokenWeight(Options(type, 0), x, 24, 3)), 1e-12);
    }

    [Fact]
    public void Each_completion_weighs_the_same_in_grpo_and_each_token_in_dapo()
    {
        Assert.Equal(1 / 3.0, 5 * PolicyLoss.TokenWeight(Options(LossType.Grpo, 0), 5, 24, 3), 1e-12);
        Assert.Equal(1 / 24.0, PolicyLoss.TokenWeight(Options(LossType.Dapo, 0), 5, 24, 3), 1e-12);
    }

    private static GrpoOptions Options(LossType type, double kl) => new(type, kl, 0.2, 0.28, 1, 16, 1);
}
