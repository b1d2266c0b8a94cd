using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class JobRunnerTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_finished_job_has_all_its_metrics_phases_and_a_model_with_every_checkpoint()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));

        JobDetails job = await console.WaitForAsync(id, JobStatus.Completed);

        Assert.All(job.Phases.Values, phase => Assert.Equal(PhaseStatus.Completed, phase));
        Assert.Equal((6, 6, 0.0, 0.3), (job.Summary.StepsDone, job.Summary.TotalSteps, job.Summary.BaselineAccuracy, job.Summary.BestAccuracy));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], (await console.Jobs.MetricsAsync(id)).Select(step => $"{step.Step}"));
        CustomModel model = Assert.Single(await console.Models.ListAsync());
        Assert.Equal((job.Summary.ModelId, "arith-tuned", id, 6), (model.Id, model.Name, model.JobId, model.BestStep));
        Assert.Equal([(2, false, 0.2), (4, false, 0.4), (6, true, 0.6)], model.Checkpoints.Select(checkpoint => (checkpoint.Step, checkpoint.IsBest, checkpoint.ValidationReward ?? -1)));
        Assert.Equal("weights of step 6", File.ReadAllText(Path.Combine(model.AdapterFolder, "adapter_model.safetensors")));
        Assert.All(model.Checkpoints, checkpoint => Assert.False(File.Exists(Path.Combine(checkpoint.AdapterFolder, "optimizer.safetensors"))));
    }

    [Fact]
    public async Task A_metric_that_is_not_a_number_is_stored_as_such()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await console.WaitForAsync(id, JobStatus.Completed);

        StepMetrics third = (await console.Jobs.MetricsAsync(id, afterStep: 2))[0];

        Assert.Equal(3, third.Step);
        Assert.True(double.IsNaN(third.Values["loss"]));
    }

    [Fact]
    public async Task Jobs_run_one_at_a_time_in_the_order_of_their_creation()
    {
        TaskCompletionSource gate = new();
        FakeJobEngine engine = new() { BeforeStep = (_, _) => gate.Task };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string[] ids = [
            await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first")),
            await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second")),
            await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "third"))];
        await console.WaitForAsync(ids[0], JobStatus.InProgress);
        Assert.Equal(JobStatus.Queued, (await console.JobAsync(ids[1])).Summary.Status);

        gate.SetResult();
        await console.WaitForAsync(ids[2], JobStatus.Completed);

        Assert.Equal(["first", "second", "third"], engine.Runs.Select(run => run.Name));
        Assert.Equal(1, engine.MostAtOnce);
    }

    [Fact]
    public async Task A_stopped_job_keeps_what_it_learnt_as_a_model()
    {
        TaskCompletionSource gate = new();
        TaskCompletionSource atThird = new();
        FakeJobEngine engine = new() { BeforeStep = (step, _) => step < 3 ? Task.CompletedTask : Hold(atThird, gate) };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await atThird.Task;

        await console.Jobs.StopAsync(id);
        Assert.Equal(JobStatus.Stopping, (await console.JobAsync(id)).Summary.Status);
        gate.SetResult();
        JobDetails job = await console.WaitForAsync(id, JobStatus.Stopped);

        Assert.Equal((3, PhaseStatus.Stopped), (job.Summary.StepsDone, job.Phases[JobPhase.Training]));
        CustomModel model = Assert.Single(await console.Models.ListAsync());
        Assert.Equal([2, 3], model.Checkpoints.Select(checkpoint => checkpoint.Step));
        Assert.True(model.Checkpoints.Single(checkpoint => checkpoint.IsBest).Step == model.BestStep);
    }

    [Fact]
    public async Task A_stopped_job_goes_on_where_it_stopped_and_updates_its_model()
    {
        TaskCompletionSource gate = new();
        TaskCompletionSource atThird = new();
        FakeJobEngine engine = new() { BeforeStep = (step, _) => step < 3 ? Task.CompletedTask : Hold(atThird, gate) };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await atThird.Task;
        await console.Jobs.StopAsync(id);
        gate.SetResult();
        await console.WaitForAsync(id, JobStatus.Stopped);

        await console.Jobs.ResumeAsync(id);
        await console.WaitForAsync(id, JobStatus.Completed);

        Assert.Equal([null, 3], engine.Runs.Select(run => run.ResumedFrom));
        CustomModel model = Assert.Single(await console.Models.ListAsync());
        Assert.Equal(6, model.BestStep);
        Assert.Equal("weights of step 6", File.ReadAllText(Path.Combine(model.AdapterFolder, "adapter_model.safetensors")));
        Assert.Equal(6, (await console.Jobs.MetricsAsync(id, afterStep: 0)).Count);
    }

    [Fact]
    public async Task A_queued_job_that_is_stopped_never_runs()
    {
        TaskCompletionSource gate = new();
        FakeJobEngine engine = new() { BeforeStep = (_, _) => gate.Task };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string first = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"));
        string second = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second"));
        string third = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "third"));
        await console.WaitForAsync(first, JobStatus.InProgress);

        await console.Jobs.StopAsync(second);
        gate.SetResult();
        await console.WaitForAsync(third, JobStatus.Completed);

        Assert.Equal(JobStatus.Stopped, (await console.JobAsync(second)).Summary.Status);
        Assert.Equal(["first", "third"], engine.Runs.Select(run => run.Name));
    }

    [Fact]
    public async Task A_paused_job_says_why_and_can_be_resumed()
    {
        FakeJobEngine engine = new() { EndsAs = () => new(JobOutcome.Paused, "The sandbox does not start.", 6, null, null, null, null) };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        JobDetails paused = await console.WaitForAsync(id, JobStatus.Paused);
        Assert.Equal("The sandbox does not start.", paused.Summary.Message);

        engine.EndsAs = null;
        await console.Jobs.ResumeAsync(id);

        Assert.Null((await console.WaitForAsync(id, JobStatus.Completed)).Summary.Message);
    }

    [Fact]
    public async Task A_job_whose_engine_breaks_fails_with_the_reason_and_the_queue_goes_on()
    {
        FakeJobEngine engine = new() { BeforeStep = (_, _) => throw new InvalidOperationException("out of luck") };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string first = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"));
        JobDetails failed = await console.WaitForAsync(first, JobStatus.Failed);
        Assert.Equal(("out of luck", PhaseStatus.Failed), (failed.Summary.Message, failed.Phases[JobPhase.Training]));

        engine.BeforeStep = (_, _) => Task.CompletedTask;
        string second = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second"));

        await console.WaitForAsync(second, JobStatus.Completed);
        Assert.Null((await console.JobAsync(first)).Summary.ModelId);
    }

    private static Task Hold(TaskCompletionSource reached, TaskCompletionSource gate)
    {
        reached.TrySetResult();
        return gate.Task;
    }
}
