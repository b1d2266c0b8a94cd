using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

/// <summary>The queue's order is the user's, whatever restarts.</summary>
public sealed class JobQueueTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly TaskCompletionSource _gate = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Queued_jobs_are_moved_up_down_and_to_the_front_and_run_in_that_order()
    {
        FakeJobEngine engine = new() { BeforeStep = (_, _) => _gate.Task };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string[] ids = await QueueAsync(console, "a", "b", "c", "d");
        Assert.Equal(["b", "c", "d"], await OrderAsync(console));

        await console.Jobs.MoveAsync(ids[3], QueueMove.Up);
        Assert.Equal(["b", "d", "c"], await OrderAsync(console));
        await console.Jobs.MoveAsync(ids[1], QueueMove.Down);
        Assert.Equal(["d", "b", "c"], await OrderAsync(console));
        await console.Jobs.MoveAsync(ids[2], QueueMove.First);
        Assert.Equal(["c", "d", "b"], await OrderAsync(console));

        // At the ends nothing moves further.
        await console.Jobs.MoveAsync(ids[2], QueueMove.Up);
        await console.Jobs.MoveAsync(ids[1], QueueMove.Down);
        Assert.Equal(["c", "d", "b"], await OrderAsync(console));
        Assert.Null((await console.JobAsync(ids[0])).Summary.QueuePosition);

        _gate.SetResult();
        await console.WaitForAsync(ids[1], JobStatus.Completed);
        Assert.Equal(["a", "c", "d", "b"], engine.Runs.Select(run => run.Name));
    }

    [Fact]
    public async Task The_order_survives_a_restart_behind_the_job_that_ran()
    {
        FakeJobEngine engine = new() { BeforeStep = (_, _) => new TaskCompletionSource().Task };
        string last;
        await using (ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine))
        {
            string[] ids = await QueueAsync(console, "a", "b", "c");
            await console.Jobs.MoveAsync(ids[2], QueueMove.First);
            last = ids[1];
        }

        engine.BeforeStep = (_, _) => Task.CompletedTask;
        await using ConsoleHarness next = await ConsoleHarness.StartAsync(_root, engine);
        await next.WaitForAsync(last, JobStatus.Completed);

        Assert.Equal(["a", "a", "c", "b"], engine.Runs.Select(run => run.Name));
    }

    [Fact]
    public async Task A_job_that_does_not_wait_cannot_be_moved()
    {
        FakeJobEngine engine = new() { BeforeStep = (_, _) => _gate.Task };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string[] ids = await QueueAsync(console, "a");

        Assert.Contains("does not wait any more: it is in progress", (await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.MoveAsync(ids[0], QueueMove.First))).Message, StringComparison.Ordinal);
        _gate.SetResult();
    }

    /// <summary>Creates the jobs and waits until the first one runs.</summary>
    private async Task<string[]> QueueAsync(ConsoleHarness console, params string[] names)
    {
        List<string> ids = [];
        foreach (string name in names)
        {
            ids.Add(await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, name)));
        }

        await console.WaitForAsync(ids[0], JobStatus.InProgress);
        return [.. ids];
    }

    private static async Task<string[]> OrderAsync(ConsoleHarness console)
    {
        JobSummary[] waiting = [.. (await console.Jobs.ListAsync()).Where(job => job.QueuePosition is not null).OrderBy(job => job.QueuePosition)];
        Assert.Equal(Enumerable.Range(1, waiting.Length), waiting.Select(job => job.QueuePosition!.Value));
        return [.. waiting.Select(job => job.Name)];
    }
}
