using RftConsole.Training.Compute;

namespace RftConsole.Tests.Compute;

/// <summary>Counter-based numbers are even, independent of their neighbours, and a pure function of their counters.</summary>
public sealed class CounterRandomTests
{
    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(42UL)]
    [InlineData(ulong.MaxValue)]
    public void Uniform_numbers_fill_their_range_evenly(ulong seed)
    {
        const int Bins = 100, Draws = 100_000;
        int[] counts = new int[Bins];
        for (ulong i = 0; i < Draws; i++)
        {
            double u = CounterRandom.Uniform(seed, RandomStream.Rollouts, 3, i % 64, i / 64);
            Assert.InRange(u, 0, Math.BitDecrement(1.0));
            counts[(int)(u * Bins)]++;
        }

        // Chi-square with 99 degrees of freedom: mean 99, standard deviation 14; five of them on each side.
        double expected = (double)Draws / Bins;
        Assert.InRange(counts.Sum(x => (x - expected) * (x - expected) / expected), 29, 169);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Numbers_of_neighbouring_counters_do_not_depend_on_each_other(int counter)
    {
        const int Draws = 20_000;
        double[] u = [.. Enumerable.Range(0, Draws).Select(i => At(counter, (ulong)i) - 0.5)];

        // The product of two independent numbers of variance 1/12 has standard deviation 1/12.
        double serial = u.Zip(u.Skip(1), (x, y) => x * y).Average();
        Assert.InRange(serial, -5.0 / 12 / Math.Sqrt(Draws), 5.0 / 12 / Math.Sqrt(Draws));
    }

    [Fact]
    public void Every_counter_counts()
    {
        var bits = new HashSet<ulong> { CounterRandom.Bits(0, 0, 0, 0, 0) };
        for (ulong value = 1; value <= 2000; value++)
        {
            Assert.True(bits.Add(CounterRandom.Bits(value, 0, 0, 0, 0)));
            Assert.True(bits.Add(CounterRandom.Bits(0, value, 0, 0, 0)));
            Assert.True(bits.Add(CounterRandom.Bits(0, 0, value, 0, 0)));
            Assert.True(bits.Add(CounterRandom.Bits(0, 0, 0, value, 0)));
            Assert.True(bits.Add(CounterRandom.Bits(0, 0, 0, 0, value)));
        }
    }

    [Fact]
    public void A_number_does_not_depend_on_what_was_drawn_before_or_where()
    {
        ulong[] forward = [.. Enumerable.Range(0, 1000).Select(i => CounterRandom.Bits(7, 1, (ulong)i))];
        ulong[] elsewhere = new ulong[1000];
        Parallel.For(0, 1000, i => elsewhere[999 - i] = CounterRandom.Bits(7, 1, (ulong)(999 - i)));

        Assert.Equal(forward, elsewhere);
    }

    [Fact]
    public void Normal_numbers_have_mean_zero_and_variance_one()
    {
        const int Draws = 50_000;
        double[] x = [.. Enumerable.Range(0, Draws).Select(i => CounterRandom.Normal(11, 2, (ulong)i))];

        Assert.InRange(x.Average(), -5 / Math.Sqrt(Draws), 5 / Math.Sqrt(Draws));

        // The variance of a squared normal number is 2.
        Assert.InRange(x.Average(v => v * v) - 1, -5 * Math.Sqrt(2.0 / Draws), 5 * Math.Sqrt(2.0 / Draws));
        Assert.Contains(x, v => Math.Abs(v) > 3.5);
    }

    private static double At(int counter, ulong value) => counter switch
    {
        0 => CounterRandom.Uniform(value, 5),
        1 => CounterRandom.Uniform(5, value),
        2 => CounterRandom.Uniform(5, 1, value),
        3 => CounterRandom.Uniform(5, 1, 1, value),
        _ => CounterRandom.Uniform(5, 1, 1, 1, value),
    };
}
