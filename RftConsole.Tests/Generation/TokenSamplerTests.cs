using RftConsole.Training.Compute;
using RftConsole.Training.Generation;

namespace RftConsole.Tests.Generation;

/// <summary>Sampled tokens follow the softmax, and carry its logarithm.</summary>
public sealed class TokenSamplerTests
{
    private const int Draws = 20_000;

    [Fact]
    public void Greedy_takes_the_first_of_the_largest()
    {
        float[] logits = [1, 3, -2, 3, 2];

        var sampled = TokenSampler.Sample(logits.ToArray(), 0, 1, 0.99);

        Assert.Equal(1, sampled.Id);
        Assert.Equal(LogSoftmax(logits, 1)[1], sampled.LogProbability, 1e-6);
    }

    [Theory]
    [InlineData(1.0, 1.0, 600)]
    [InlineData(0.7, 1.0, 600)]
    [InlineData(2.5, 1.0, 7)]
    [InlineData(1.0, 0.8, 600)]
    [InlineData(1.5, 0.3, 50)]
    [InlineData(1.0, 1e-6, 50)]
    public void Frequencies_are_the_probabilities(double temperature, double topP, int vocabulary)
    {
        float[] logits = Logits(vocabulary, 2);
        double[] expected = Cut([.. LogSoftmax(logits, temperature).Select(Math.Exp)], topP);
        int[] counts = new int[vocabulary];
        for (int i = 0; i < Draws; i++)
        {
            // Uniform numbers at even distances: an inverted distribution meets each probability to one draw.
            counts[TokenSampler.Sample(logits.ToArray(), temperature, topP, (i + 0.5) / Draws).Id]++;
        }

        for (int i = 0; i < vocabulary; i++)
        {
            Assert.InRange(counts[i], (Draws * expected[i]) - 1.1, (Draws * expected[i]) + 1.1);
            Assert.True(expected[i] > 0 || counts[i] == 0, $"token {i} lies outside the nucleus");
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.3)]
    [InlineData(2.0)]
    public void The_log_probability_is_that_of_the_softmax_in_double_precision(double temperature)
    {
        float[] logits = Logits(5000, 3);
        logits[17] = float.NegativeInfinity;
        double[] expected = LogSoftmax(logits, temperature);
        for (int i = 0; i < 500; i++)
        {
            var sampled = TokenSampler.Sample(logits.ToArray(), temperature, 1, CounterRandom.Uniform(4, 0, (ulong)i));
            Assert.Equal(expected[sampled.Id], sampled.LogProbability, 4e-6);
        }
    }

    [Fact]
    public void A_token_without_probability_is_never_drawn()
    {
        // The sums of a block in single and in double precision differ in the last bits, and the target lies between them.
        for (ulong seed = 0; seed < 400; seed++)
        {
            float[] logits = Logits(700, seed);
            for (int i = 200; i < logits.Length; i++)
            {
                logits[i] = (i / 40 % 2) == 0 ? float.NegativeInfinity : logits[i] - 200;
            }

            foreach (double uniform in (double[])[Math.BitDecrement(1.0), 1 - 1e-8, 1 - 1e-7, 0])
            {
                var sampled = TokenSampler.Sample(logits.ToArray(), 1, 1, uniform);
                Assert.InRange(sampled.Id, 0, 199);
                Assert.True(float.IsFinite(sampled.LogProbability));
            }
        }
    }

    [Fact]
    public void A_uniform_number_just_below_one_draws_the_last_token_and_zero_the_first()
    {
        Assert.Equal(3, TokenSampler.Sample(new float[4], 1, 1, Math.BitDecrement(1.0)).Id);
        Assert.Equal(0, TokenSampler.Sample(new float[4], 1, 1, 0).Id);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_not_finite_are_refused(float wrong) =>
        Assert.Throws<InvalidOperationException>(() => TokenSampler.Sample(new float[] { 1, wrong, 2 }, 1, 1, 0.5));

    private static float[] Logits(int count, ulong seed) => [.. Enumerable.Range(0, count).Select(i => (float)(2 * CounterRandom.Normal(seed, 8, (ulong)i)))];

    private static double[] LogSoftmax(float[] logits, double temperature)
    {
        double[] scaled = [.. logits.Select(x => x / temperature)];
        double largest = scaled.Max();
        double sum = scaled.Sum(x => Math.Exp(x - largest));
        return [.. scaled.Select(x => x - largest - Math.Log(sum))];
    }

    /// <summary>The likeliest tokens that together reach <paramref name="topP"/>, renormalised.</summary>
    private static double[] Cut(double[] probabilities, double topP)
    {
        if (topP == 1)
        {
            return probabilities;
        }

        double kept = 0;
        double[] result = new double[probabilities.Length];
        foreach (int i in Enumerable.Range(0, probabilities.Length).OrderByDescending(x => probabilities[x]))
        {
            if (kept >= topP)
            {
                break;
            }

            kept += result[i] = probabilities[i];
        }

        return [.. result.Select(x => x / kept)];
    }
}
