using Microsoft.Data.Sqlite;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Optimisation;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

/// <summary>Pausing, prolonging, freeing space, and starting from a tuned model.</summary>
public sealed class JobControlTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly TaskCompletionSource _gate = new();
    private readonly TaskCompletionSource _atThird = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_running_job_is_paused_after_its_step_and_goes_on_from_there()
    {
        FakeJobEngine engine = new() { BeforeStep = HoldAtThird };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await _atThird.Task;

        await console.Jobs.PauseAsync(id);
        JobSummary pausing = (await console.JobAsync(id)).Summary;
        Assert.Equal((JobStatus.InProgress, true), (pausing.Status, pausing.Pausing));
        _gate.SetResult();
        JobSummary paused = (await console.WaitForAsync(id, JobStatus.Paused)).Summary;
        Assert.Equal((3, false, "Paused after step 3."), (paused.StepsDone, paused.Pausing, paused.Message));
        Assert.Empty(await console.Models.ListAsync());

        await console.Jobs.ResumeAsync(id);
        await console.WaitForAsync(id, JobStatus.Completed);
        Assert.Equal([null, 3], engine.Runs.Select(run => run.ResumedFrom));
    }

    [Fact]
    public async Task A_job_that_was_asked_to_pause_is_paused_when_the_console_starts_again()
    {
        FakeJobEngine engine = new() { BeforeStep = HoldAtThird };
        string id;
        await using (ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine))
        {
            id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
            await _atThird.Task;
            await console.Jobs.PauseAsync(id);
        }

        await using ConsoleHarness next = await ConsoleHarness.StartAsync(_root, engine);
        Assert.Equal(JobStatus.Paused, (await next.JobAsync(id)).Summary.Status);
        _gate.SetResult();
        await next.Jobs.ResumeAsync(id);
        await next.WaitForAsync(id, JobStatus.Completed);
    }

    [Fact]
    public async Task A_queued_job_is_paused_at_once_and_only_one_that_waits_or_runs_can_be()
    {
        FakeJobEngine engine = new() { BeforeStep = (_, _) => _gate.Task };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string first = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"));
        string second = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second"));
        await console.WaitForAsync(first, JobStatus.InProgress);

        await console.Jobs.PauseAsync(second);
        Assert.Equal(JobStatus.Paused, (await console.JobAsync(second)).Summary.Status);
        Assert.Contains("it is paused", (await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.PauseAsync(second))).Message, StringComparison.Ordinal);
        _gate.SetResult();
        await console.WaitForAsync(first, JobStatus.Completed);
    }

    [Fact]
    public async Task A_completed_job_is_made_longer_and_goes_on_from_its_last_checkpoint()
    {
        FakeJobEngine engine = new();
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(Job("arith", new() { BatchSize = 40, MaxSteps = 1 }));
        await console.WaitForAsync(id, JobStatus.Completed);

        // 40 rows in batches of 40: as many steps as epochs, and six are made.
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.ProlongAsync(id, new(6, null, true)));
        Assert.Contains("These make 6 steps, and 6 are made already", refused.Message, StringComparison.Ordinal);
        Assert.Contains("epochCount: 51", (await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.ProlongAsync(id, new(51, null, true)))).Message, StringComparison.Ordinal);
        Assert.Equal(1, (await console.JobAsync(id)).Specification.Hyperparameters.MaxSteps);

        await console.Jobs.ProlongAsync(id, new(8, null, false));
        JobDetails job = await console.WaitForAsync(id, JobStatus.Completed);
        Assert.Equal((8, null, false), (job.Specification.Hyperparameters.EpochCount, job.Specification.Hyperparameters.MaxSteps, job.Specification.Hyperparameters.EarlyStopping));
        Assert.Equal([null, 6], engine.Runs.Select(run => run.ResumedFrom));
    }

    [Fact]
    public async Task A_job_whose_learning_rate_ends_with_it_cannot_be_made_longer()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(Job("arith", new() { BatchSize = 4, Schedule = LearningRateSchedule.Cosine }));
        await console.WaitForAsync(id, JobStatus.Completed);

        Assert.Contains("cosine schedule", (await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.ProlongAsync(id, new(2, null, true)))).Message, StringComparison.Ordinal);
        Assert.Equal(JobStatus.Completed, (await console.JobAsync(id)).Summary.Status);
    }

    [Fact]
    public async Task Freeing_space_keeps_the_last_checkpoint_and_a_resume_works()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        JobDetails job = await console.WaitForAsync(id, JobStatus.Completed);
        Assert.Equal([6, 4, 2], job.Storage.Checkpoints.Select(checkpoint => checkpoint.Step));
        Assert.Equal(job.Storage.Checkpoints.Skip(1).Sum(checkpoint => checkpoint.Bytes), job.Storage.SpareBytes);
        Assert.Equal(job.Storage.Bytes, job.Summary.Bytes);
        Assert.Equal((await console.Models.ListAsync()).Single().BestStep, job.Storage.BestStep);
        Assert.True(job.Storage.SpareBytes > 0);

        Assert.Equal(job.Storage.SpareBytes, await console.Jobs.FreeSpaceAsync(id));

        JobDetails after = await console.JobAsync(id);
        Assert.Equal([6], after.Storage.Checkpoints.Select(checkpoint => checkpoint.Step));
        Assert.Equal((0, after.Storage.Bytes), (after.Storage.SpareBytes, after.Summary.Bytes));
        Assert.True(after.Summary.Bytes < job.Summary.Bytes);
    }

    [Fact]
    public async Task A_running_job_frees_no_space()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new() { BeforeStep = (_, _) => _gate.Task });
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await console.WaitForAsync(id, JobStatus.InProgress);

        Assert.Contains("pause or stop it before", (await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.FreeSpaceAsync(id))).Message, StringComparison.Ordinal);
        _gate.SetResult();
    }

    [Fact]
    public async Task A_job_that_begins_with_a_tuned_model_keeps_a_copy_of_its_adapter()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string first = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"));
        await console.WaitForAsync(first, JobStatus.Completed);
        var model = Assert.Single(await console.Models.ListAsync());

        string second = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second") with { InitialAdapter = model.AdapterFolder });
        JobDetails job = await console.WaitForAsync(second, JobStatus.Completed);

        Assert.Equal((model.Id, Path.Combine(job.Folder, "inputs", "adapter")), (job.InitialModelId, job.Specification.InitialAdapter));
        Assert.Equal("weights of step 6", File.ReadAllText(Path.Combine(job.Specification.InitialAdapter!, "adapter_model.safetensors")));
        await console.Models.DeleteAsync(model.Id);
        FieldInputException gone = await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "third") with { InitialAdapter = model.AdapterFolder }));
        Assert.Equal("baseModel", gone.Field);
    }

    [Fact]
    public async Task A_validation_that_closed_a_run_between_two_that_were_due_is_gone_when_the_job_goes_on()
    {
        FakeJobEngine engine = new() { BeforeStep = HoldAtThird, ClosesWithValidation = true };
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string id = await console.Jobs.CreateAsync(Job("arith", new() { EvalInterval = 2 }));
        await _atThird.Task;
        await console.Jobs.StopAsync(id);
        _gate.SetResult();
        await console.WaitForAsync(id, JobStatus.Stopped);
        Assert.Contains("eval/reward", (await console.Jobs.MetricsAsync(id, 2))[0].Values.Keys);

        await console.Jobs.ResumeAsync(id);
        await console.WaitForAsync(id, JobStatus.Completed);

        Assert.Equal([0, 2, 4, 6], (await console.Jobs.MetricsAsync(id)).Where(step => step.Values.ContainsKey("eval/reward")).Select(step => step.Step));
    }

    [Fact]
    public async Task Progress_that_cannot_be_stored_pauses_the_job_and_the_queue_goes_on()
    {
        FakeJobEngine engine = new();
        engine.BeforeStep = (step, _) => step == 3 && engine.Runs.Count == 1 ? throw new SqliteException("database or disk is full", 13) : Task.CompletedTask;
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, engine);
        string first = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"));
        JobSummary paused = (await console.WaitForAsync(first, JobStatus.Paused)).Summary;
        Assert.Contains("database or disk is full", paused.Message, StringComparison.Ordinal);
        Assert.Equal(2, paused.StepsDone);

        await console.Jobs.ResumeAsync(first);
        await console.WaitForAsync(first, JobStatus.Completed);
        Assert.Equal([null, 2], engine.Runs.Select(run => run.ResumedFrom));
    }

    private Task HoldAtThird(int step, CancellationToken cancellationToken)
    {
        if (step < 3)
        {
            return Task.CompletedTask;
        }

        _atThird.TrySetResult();
        return _gate.Task;
    }

    private JobSpecification Job(string name, Hyperparameters hyperparameters) => ConsoleHarness.Specification(_root, name) with { Hyperparameters = hyperparameters };
}
