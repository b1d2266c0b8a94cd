using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Charts;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

public sealed class JobSpeedTests
{
    [Fact]
    public void Before_the_first_step_there_is_none()
    {
        MetricFeed feed = new();
        feed.Add([new StepMetrics(0, new Dictionary<string, double> { [MetricNames.ValidationReward] = 0.2 })]);

        Assert.Null(JobSpeed.Of(feed));
    }

    [Fact]
    public void Of_a_short_job_it_is_that_of_all_its_steps()
    {
        // 300 tokens in 2 + 4 s.
        Assert.Equal(new JobSpeed(50, 3, 2), JobSpeed.Of(Feed((1, 2, 100), (2, 4, 300))));
    }

    [Fact]
    public void Of_a_long_job_it_is_that_of_the_latest_steps()
    {
        // 30 steps of 1 s with 10 tokens each, then 20 of 2 s with 100 each.
        IEnumerable<(int, double, double)> slow = Enumerable.Range(1, 30).Select(step => (step, 1.0, step * 10.0));
        IEnumerable<(int, double, double)> fast = Enumerable.Range(1, 20).Select(step => (30 + step, 2.0, 300 + (step * 100.0)));

        Assert.Equal(new JobSpeed(50, 2, 20), JobSpeed.Of(Feed([.. slow, .. fast])));
    }

    private static MetricFeed Feed(params (int Step, double Seconds, double Tokens)[] steps)
    {
        MetricFeed feed = new();
        feed.Add(steps.Select(step => new StepMetrics(step.Step, new Dictionary<string, double> { [MetricNames.StepTime] = step.Seconds, [MetricNames.TokenCount] = step.Tokens })));
        return feed;
    }
}
