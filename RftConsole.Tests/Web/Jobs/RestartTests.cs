using System.Text.Json;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_job_that_a_restart_interrupted_ends_with_the_metrics_and_rollouts_of_an_uninterrupted_one()
    {
        using TemporaryFolder other = new();
        string expected = await RunUninterruptedAsync(other);
        FakeJobEngine engine = new();
        string id = await InterruptAtAsync(engine, step: 4, stopFirst: false);
        engine.BeforeStep = (_, _) => Task.CompletedTask;

        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        await console.WaitForAsync(id, JobStatus.Completed);

        // Step 3 was stored before the restart and came again: the checkpoint was that of step 2.
        Assert.Equal([null, 2], engine.Runs.Select(run => run.ResumedFrom));
        Assert.Equal(expected, await DescribeAsync(console, id));
    }

    [Fact]
    public async Task After_a_resume_the_steps_behind_the_checkpoint_are_gone_until_they_come_again()
    {
        FakeJobEngine engine = new();
        string id = await InterruptAtAsync(engine, step: 4, stopFirst: false);
        TaskCompletionSource gate = new();
        TaskCompletionSource reached = new();
        engine.BeforeStep = (_, _) =>
        {
            reached.TrySetResult();
            return gate.Task;
        };

        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        await reached.Task;

        Assert.Equal([0, 1, 2], (await console.Jobs.MetricsAsync(id)).Select(step => step.Step));
        Assert.Equal(8, (await console.Jobs.RolloutsAsync(new(id))).Total);
        Assert.Equal(2, (await console.JobAsync(id)).Summary.StepsDone);
        gate.SetResult();
        await console.WaitForAsync(id, JobStatus.Completed);
    }

    [Fact]
    public async Task An_interrupted_job_runs_before_those_that_waited_behind_it()
    {
        FakeJobEngine engine = new();
        TaskCompletionSource reached = new();
        engine.BeforeStep = (_, _) =>
        {
            reached.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        string second;
        await using (ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine))
        {
            await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"));
            second = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second"));
            await reached.Task;
        }

        engine.BeforeStep = (_, _) => Task.CompletedTask;
        await using ConsoleHarness next = await ConsoleHarness.StartAsync(_root, engine);
        await next.WaitForAsync(second, JobStatus.Completed);

        Assert.Equal(["first", "first", "second"], engine.Runs.Select(run => run.Name));
    }

    [Fact]
    public async Task A_job_that_was_stopping_still_stops_after_a_restart()
    {
        FakeJobEngine engine = new();
        string id = await InterruptAtAsync(engine, step: 4, stopFirst: true);
        engine.BeforeStep = (_, _) => Task.CompletedTask;

        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        JobDetails job = await console.WaitForAsync(id, JobStatus.Stopped);

        Assert.NotNull(job.Summary.ModelId);
        Assert.InRange(job.Summary.StepsDone, 2, 5);
    }

    private async Task<string> InterruptAtAsync(FakeJobEngine engine, int step, bool stopFirst)
    {
        TaskCompletionSource reached = new();
        engine.BeforeStep = (next, _) =>
        {
            if (next < step)
            {
                return Task.CompletedTask;
            }

            reached.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await reached.Task;
        if (stopFirst)
        {
            await console.Jobs.StopAsync(id);
        }

        return id;
    }

    private static async Task<string> RunUninterruptedAsync(TemporaryFolder root)
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(root, "arith"));
        await console.WaitForAsync(id, JobStatus.Completed);
        return await DescribeAsync(console, id);
    }

    private static async Task<string> DescribeAsync(ConsoleHarness console, string id)
    {
        RolloutPage rollouts = await console.Jobs.RolloutsAsync(new(id, Take: 1000));
        JobSummary job = (await console.JobAsync(id)).Summary;
        JsonSerializerOptions options = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
        return JsonSerializer.Serialize(new { Metrics = await console.Jobs.MetricsAsync(id), rollouts.Rows, rollouts.Total, job.StepsDone, job.BaselineAccuracy, job.BestAccuracy }, options);
    }
}
