using RftConsole.Training.Compute;

namespace RftConsole.Tests.Compute;

/// <summary>Interactive work goes first; training keeps a quarter of the time while both wait.</summary>
public sealed class SliceSchedulerTests
{
    [Fact]
    public void Interactive_work_goes_first() => Assert.Equal(WorkPriority.Interactive, new SliceScheduler().Next(true, true));

    [Fact]
    public void Who_waits_alone_runs()
    {
        Assert.Equal(WorkPriority.Interactive, new SliceScheduler().Next(true, false));
        Assert.Equal(WorkPriority.Training, new SliceScheduler().Next(false, true));
    }

    [Theory]
    [InlineData(20, 300)]
    [InlineData(300, 20)]
    [InlineData(5, 5)]
    [InlineData(700, 900)]
    public void Training_keeps_a_quarter_of_the_time_while_both_wait(int interactiveSlice, int trainingSlice)
    {
        var scheduler = new SliceScheduler();
        double interactive = 0, training = 0;
        while (interactive + training < 600_000)
        {
            var next = scheduler.Next(true, true);
            if (next == WorkPriority.Interactive)
            {
                interactive += interactiveSlice;
                scheduler.Ran(next, TimeSpan.FromMilliseconds(interactiveSlice), true);
            }
            else
            {
                training += trainingSlice;
                scheduler.Ran(next, TimeSpan.FromMilliseconds(trainingSlice), true);
            }
        }

        Assert.InRange(training / (interactive + training), 0.245, 0.255);
    }

    [Fact]
    public void Interactive_work_alone_makes_no_debt()
    {
        var scheduler = new SliceScheduler();
        for (int i = 0; i < 1000; i++)
        {
            scheduler.Ran(WorkPriority.Interactive, TimeSpan.FromMilliseconds(50), otherWaited: false);
        }

        Assert.Equal(WorkPriority.Interactive, scheduler.Next(true, true));
    }

    [Fact]
    public void Training_alone_earns_interactive_work_no_credit_against_it()
    {
        var scheduler = new SliceScheduler();
        scheduler.Ran(WorkPriority.Training, TimeSpan.FromMinutes(10), otherWaited: false);

        // A turn of 100 ms is owed after 300 ms of interactive work, and not after half an hour.
        scheduler.Ran(WorkPriority.Interactive, TimeSpan.FromMilliseconds(299), otherWaited: true);
        Assert.Equal(WorkPriority.Interactive, scheduler.Next(true, true));
        scheduler.Ran(WorkPriority.Interactive, TimeSpan.FromMilliseconds(2), otherWaited: true);
        Assert.Equal(WorkPriority.Training, scheduler.Next(true, true));
    }
}
