using RftConsole.Training.Optimisation;

namespace RftConsole.Tests.Optimisation;

/// <summary>Learning rates at the ends of warm-up and run.</summary>
public sealed class LearningRateTests
{
    [Theory]
    [InlineData(LearningRateSchedule.Constant)]
    [InlineData(LearningRateSchedule.Linear)]
    [InlineData(LearningRateSchedule.Cosine)]
    public void A_warm_up_rises_evenly_to_the_peak(LearningRateSchedule schedule)
    {
        Assert.Equal([0.25, 0.5, 0.75, 1.0, 1.0], Enumerable.Range(1, 5).Select(step => LearningRate.At(schedule, 1, step, 20, 4)));
        Assert.Equal(1, LearningRate.At(schedule, 1, 1, 20, 0));
    }

    [Theory]
    [InlineData(LearningRateSchedule.Constant, 1.0, 1.0)]
    [InlineData(LearningRateSchedule.Linear, 0.5, 0.1)]
    [InlineData(LearningRateSchedule.Cosine, 0.5, 0.02447174185242318)] // (1 + cos 0.9 π) / 2
    public void The_middle_and_the_last_step_have_the_schedules_shape(LearningRateSchedule schedule, double middle, double last)
    {
        Assert.Equal(middle, LearningRate.At(schedule, 1, 6, 10, 0), 1e-12);
        Assert.Equal(last, LearningRate.At(schedule, 1, 10, 10, 0), 1e-12);
    }

    [Theory]
    [InlineData(LearningRateSchedule.Linear)]
    [InlineData(LearningRateSchedule.Cosine)]
    public void Falling_schedules_reach_zero_after_the_last_step_and_never_rise(LearningRateSchedule schedule)
    {
        double[] rates = [.. Enumerable.Range(4, 28).Select(step => LearningRate.At(schedule, 3e-4, step, 30, 3))];

        Assert.Equal(0, rates[^1], 1e-18);
        Assert.All(rates.Zip(rates.Skip(1)), x => Assert.True(x.First > x.Second));
    }

    [Fact]
    public void A_run_that_is_all_warm_up_has_a_rate_for_each_step() =>
        Assert.Equal([0.1, 0.2, 0.3], Enumerable.Range(1, 3).Select(step => LearningRate.At(LearningRateSchedule.Linear, 1, step, 3, 10)));
}
