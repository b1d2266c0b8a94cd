using Microsoft.Extensions.Time.Testing;

using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class StepClockTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StepClock _clock;

    public StepClockTests() => _clock = new(_time);

    [Fact]
    public void There_is_no_estimate_before_the_first_step()
    {
        _clock.Restart();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(_clock.TimeLeft(10));
    }

    [Fact]
    public void The_estimate_is_the_mean_step_times_the_steps_left()
    {
        _clock.Restart();
        Step(2);
        Step(4);

        Assert.Equal(TimeSpan.FromSeconds(30), _clock.TimeLeft(10));
    }

    [Fact]
    public void The_time_of_the_current_step_counts_up_to_the_mean()
    {
        _clock.Restart();
        Step(4);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(39), _clock.TimeLeft(10));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(TimeSpan.FromSeconds(36), _clock.TimeLeft(10));
    }

    [Fact]
    public void What_came_before_a_restart_of_the_clock_belongs_to_no_step()
    {
        _clock.Restart();
        _time.Advance(TimeSpan.FromMinutes(5));
        _clock.Restart();
        Step(2);

        Assert.Equal(TimeSpan.FromSeconds(2), _clock.TimeLeft(1));
    }

    [Fact]
    public void Only_the_latest_twenty_steps_count()
    {
        _clock.Restart();
        Step(1000);
        for (int i = 0; i < 20; i++)
        {
            Step(2);
        }

        Assert.Equal(TimeSpan.FromSeconds(20), _clock.TimeLeft(10));
    }

    private void Step(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _clock.StepDone();
    }
}
