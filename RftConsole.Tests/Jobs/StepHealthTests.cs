using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs;

/// <summary>Runs that go wrong in each of the known ways, and healthy ones beside them.</summary>
public sealed class StepHealthTests
{
    [Fact]
    public void A_healthy_run_gives_rise_to_nothing() =>
        Assert.Empty(Run(80, step => Metrics(reward: 0.2 + (step * 0.009), std: 0.3, entropy: 1.2 - (step * 0.01), length: 20 + (step * 0.05), accuracy: 0.2 + (step * 0.009))));

    [Fact]
    public void A_solved_task_is_neither_a_plateau_nor_a_collapse() =>
        Assert.Empty(Run(80, step => Metrics(reward: Math.Min(1, 0.2 + (step * 0.04)), std: step < 20 ? 0.3 : 0.01, entropy: step < 20 ? 1 : 0.02, accuracy: Math.Min(1, 0.2 + (step * 0.04)))));

    [Fact]
    public void A_reward_that_no_longer_moves_is_a_plateau() => Assert.Equal(["reward-plateau"], Run(60, step => Metrics(reward: step < 10 ? 0.1 * step : 0.5, std: 0.3)).Select(found => found.Code));

    [Fact]
    public void Rewards_that_spread_without_rising_are_told() => Assert.Equal(["reward-variance"], Run(30, step => Metrics(reward: 0.4 - (step * 0.002), std: 0.1 + (step * 0.01))).Select(found => found.Code));

    [Fact]
    public void A_collapse_of_entropy_is_told_at_its_step()
    {
        HealthFinding found = Assert.Single(Run(20, step => Metrics(reward: 0.2 + (0.02 * step), std: 0.3, entropy: step < 12 ? 1 : 0.01)));

        Assert.Equal(("entropy-collapse", 16), (found.Code, found.Step));
        Assert.Equal("Entropy fell from 1 to 0.01.", found.Seen);
    }

    [Fact]
    public void Growing_answers_without_more_reward_are_an_explosion_and_with_it_they_are_not()
    {
        Assert.Equal(["length-explosion"], Run(20, step => Metrics(reward: 0.3 + (0.001 * step), std: 0.3, length: 20 + (3 * step))).Select(found => found.Code));
        Assert.Empty(Run(20, step => Metrics(reward: 0.3 + (0.03 * step), std: 0.3, length: 20 + (3 * step))));
    }

    [Fact]
    public void Training_that_leaves_validation_behind_is_told_once()
    {
        StepHealth health = new();
        Assert.Empty(Enumerable.Range(1, 10).SelectMany(step => health.After(step, Metrics(reward: 0.1 * step, std: 0.3, accuracy: 0.9))));

        Assert.Empty(health.AfterValidation(10, Validation(0.7)));
        Assert.Equal("validation-gap", Assert.Single(health.AfterValidation(10, Validation(0.6))).Code);
        Assert.Empty(health.AfterValidation(20, Validation(0.5)));
    }

    private static HealthFinding[] Run(int steps, Func<int, Dictionary<string, double>> metrics)
    {
        StepHealth health = new();
        return [.. Enumerable.Range(1, steps).SelectMany(step => health.After(step, metrics(step)))];
    }

    private static Dictionary<string, double> Validation(double accuracy) => new() { [MetricNames.ValidationAccuracy] = accuracy };

    private static Dictionary<string, double> Metrics(double reward, double std, double entropy = 1, double length = 20, double accuracy = 0.4) => new()
    {
        [MetricNames.Reward] = reward, [MetricNames.RewardStd] = std, [MetricNames.Entropy] = entropy, [MetricNames.MeanLength] = length, [MetricNames.Accuracy] = accuracy,
    };
}
