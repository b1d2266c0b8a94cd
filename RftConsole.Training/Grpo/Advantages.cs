namespace RftConsole.Training.Grpo;

/// <summary>Advantages of rollouts relative to the others of their group (Shao et al., "DeepSeekMath", 2024, section 4.1).</summary>
public static class Advantages
{
    private const double Epsilon = 1e-4;

    /// <param name="rewards">Rewards by group; null for a completion that is left out of its group: it gets no advantage.</param>
    /// <param name="scaling">What the differences from the group's mean are divided by.</param>
    /// <returns>Advantages by group, in the order of the rewards.</returns>
    public static double[][] Of(IReadOnlyList<IReadOnlyList<double?>> rewards, AdvantageScaling scaling)
    {
        double batch = scaling == AdvantageScaling.Batch ? StandardDeviation([.. rewards.SelectMany(x => x).OfType<double>()]) : 0;
        return [.. rewards.Select(group => OfGroup(group, scaling, batch))];
    }

    /// <summary>The unbiased standard deviation; 0 for fewer than two values.</summary>
    public static double StandardDeviation(IReadOnlyList<double> values)
    {
        if (values.Count < 2)
        {
            return 0;
        }

        double mean = values.Average();
        return Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Count - 1));
    }

    private static double[] OfGroup(IReadOnlyList<double?> rewards, AdvantageScaling scaling, double batchDeviation)
    {
        double[] known = [.. rewards.OfType<double>()];
        if (known.Length == 0 || known.All(x => x == known[0]))
        {
            // Exactly zero, where the mean of equal numbers may be off by a rounding.
            return new double[rewards.Count];
        }

        double mean = known.Average();
        double divisor = scaling switch
        {
            AdvantageScaling.Group => StandardDeviation(known) + Epsilon,
            AdvantageScaling.Batch => batchDeviation + Epsilon,
            AdvantageScaling.None => 1,
            _ => throw new ArgumentOutOfRangeException(nameof(scaling), scaling, null),
        };
        return [.. rewards.Select(x => x is { } reward ? (reward - mean) / divisor : 0)];
    }
}
