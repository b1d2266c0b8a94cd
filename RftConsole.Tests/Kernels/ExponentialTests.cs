using System.Runtime.Intrinsics;

using RftConsole.Training.Kernels;

namespace RftConsole.Tests.Kernels;

public sealed class ExponentialTests
{
    [Fact]
    public void It_is_the_exponential_function_to_single_precision()
    {
        double worst = 0;
        for (float x = -87; x <= 88; x += 0.0013f)
        {
            double expected = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(Of(x) - expected) / expected);
        }

        Assert.InRange(worst, 1e-9, 2e-7);
    }

    [Fact]
    public void Zero_gives_exactly_one() => Assert.Equal(1f, Of(0));

    [Fact]
    public void What_is_not_a_number_stays_so() => Assert.True(float.IsNaN(Of(float.NaN)));

    [Fact]
    public void What_is_beyond_single_precision_stays_finite_and_above_zero()
    {
        Assert.InRange(Of(-1e30f), float.Epsilon, 1.3e-38f);
        Assert.InRange(Of(float.NegativeInfinity), float.Epsilon, 1.3e-38f);
        Assert.InRange(Of(1e30f), 1e38f, float.MaxValue);
    }

    [Fact]
    public void The_sigmoid_ends_at_zero_and_one()
    {
        Assert.Equal(1, Exponential.Sigmoid(Vector512.Create(200f))[3]);
        Assert.Equal(0, Exponential.Sigmoid(Vector512.Create(-200f))[3], 1e-37f);
        Assert.Equal(1 / (1 + Math.Exp(-1.5)), Exponential.Sigmoid(Vector512.Create(1.5f))[7], 1e-7);
    }

    private static float Of(float x) => Exponential.Of(Vector512.Create(x))[5];
}
