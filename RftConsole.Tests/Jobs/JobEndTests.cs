using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs;

/// <summary>A job that is stopped, paused, made longer or continued: what it keeps, and that it goes on as if nothing had happened.</summary>
public sealed class JobEndTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stopped_job_keeps_what_it_learnt()
    {
        using var stop = new CancellationTokenSource();
        var finished = await SmallJob.RunAsync(
            _folder.Path,
            e =>
            {
                if (e is StepCompleted { Step: 3 })
                {
                    stop.Cancel();
                }
            },
            new() { Stop = stop.Token });

        Assert.Equal((JobOutcome.Stopped, 3), (finished.Outcome, finished.Steps));
        Assert.Contains("after step 3 of 6", finished.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(finished.AdapterPath!, "adapter_model.safetensors")));
        Assert.True(Directory.Exists(Path.Combine(_folder.Path, JobFolder.CheckpointName(3))));
        Assert.Contains("Kept: ", finished.Message, StringComparison.Ordinal);
        Assert.Contains($"step {finished.BestStep}", finished.Message, StringComparison.Ordinal);

        // Its closing validation stands in the files once, and does not count when the job goes on: it ends as if it had never been stopped.
        Assert.Equal([0, 1, 2, 3], File.ReadLines(new JobFolder(_folder.Path).Metrics).Select(x => System.Text.Json.JsonElement.Parse(x).GetProperty("step").GetInt32()));
        Assert.Contains("\"eval/reward\"", File.ReadLines(new JobFolder(_folder.Path).Metrics).Last(), StringComparison.Ordinal);
        await SmallJob.RunAsync(_folder.Path);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_paused_job_goes_on_as_if_it_had_never_been_paused(int step)
    {
        using var pause = new CancellationTokenSource();
        var paused = await SmallJob.RunAsync(_folder.Path, e => Cancel(pause, e is StepCompleted done && done.Step == step), new() { Pause = pause.Token });
        Assert.Equal((JobOutcome.Paused, step, null), (paused.Outcome, paused.Steps, paused.AdapterPath));

        int? resumed = null;
        await SmallJob.RunAsync(_folder.Path, e => resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed);
        Assert.Equal(step, resumed);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_halted_job_leaves_the_checkpoint_of_its_last_step_and_goes_on_as_if_nothing_had_happened(int step)
    {
        using var halt = new CancellationTokenSource();
        List<JobEvent> events = [];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallJob.RunAsync(
            _folder.Path,
            e =>
            {
                events.Add(e);
                Cancel(halt, e is StepCompleted done && done.Step == step);
            },
            new() { Halt = halt.Token }));

        // Where the step is due, its validation is part of it: the policy has changed, so it is finished first.
        Assert.Equal(step, events.OfType<CheckpointWritten>().Last().Step);
        Assert.StartsWith($"Interrupted after step {step} of 6", Assert.IsType<JobLog>(events[^1]).Message, StringComparison.Ordinal);
        int? resumed = null;
        await SmallJob.RunAsync(_folder.Path, e => resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed);
        Assert.Equal(step, resumed);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task A_job_that_is_halted_at_any_time_again_and_again_ends_as_if_nothing_had_happened()
    {
        JobFinished? finished = null;
        int halts = 0;
        while (finished is null)
        {
            // Longer each time, so that it comes to its end on any machine.
            using var halt = new CancellationTokenSource(TimeSpan.FromMilliseconds(67 * (halts + 1)));
            try
            {
                finished = await SmallJob.RunAsync(_folder.Path, signals: new() { Halt = halt.Token });
            }
            catch (OperationCanceledException)
            {
                halts++;
            }
        }

        Assert.True(halts > 0);
        Assert.Equal(JobOutcome.Completed, finished.Outcome);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task A_completed_job_that_is_made_longer_ends_as_one_that_was_so_long_from_the_start()
    {
        // Step 3 is the last one and no validation is due: its closing validation must not count.
        var shorter = await SmallJob.RunAsync(_folder.Path, job: WithSteps(3));
        Assert.Equal((JobOutcome.Completed, 3), (shorter.Outcome, shorter.Steps));
        Assert.NotNull(shorter.Final);
        var again = await SmallJob.RunAsync(_folder.Path, e => Assert.IsNotType<StepCompleted>(e), job: WithSteps(3));
        Assert.Equal(shorter.BestStep, again.BestStep);
        Assert.Equal(shorter.Final, again.Final);

        await SmallJob.RunAsync(_folder.Path);
        SmallJob.AssertSame(reference.Folder, _folder.Path);

        var refused = await SmallJob.RunAsync(_folder.Path, job: WithSteps(3));
        Assert.Equal(JobOutcome.Failed, refused.Outcome);
        Assert.Contains("6 steps are made already, and the job is to have 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_goes_on_from_the_adapter_of_another_one()
    {
        var job = SmallJob.Specification with { InitialAdapter = reference.Finished.AdapterPath, Hyperparameters = SmallJob.Specification.Hyperparameters with { Seed = 7, MaxSteps = 1 } };
        IReadOnlyDictionary<string, double>? baseline = null;
        var finished = await SmallJob.RunAsync(_folder.Path, e => baseline = (e as ValidationCompleted)?.Step == 0 ? ((ValidationCompleted)e).Metrics : baseline, job: job with { Hyperparameters = SmallJob.Specification.Hyperparameters with { MaxSteps = 1 } });

        // With the same seed the same rows are held out: what the first job ended with, the second begins with.
        Assert.Equal(reference.Finished.Final, baseline);
        Assert.Equal(JobOutcome.Completed, finished.Outcome);
        Assert.NotEqual(
            File.ReadAllBytes(Path.Combine(reference.Finished.AdapterPath!, "adapter_model.safetensors")),
            File.ReadAllBytes(Path.Combine(finished.AdapterPath!, "adapter_model.safetensors")));
        var model = await TestEngine.Models.LoadAsync(job.BaseModel);
        await TestEngine.RunAsync(() => RftConsole.Training.Weights.PeftAdapter.Load(finished.AdapterPath!, model.Decoder.Config).Dispose());

        // Another adapter is another job.
        var other = await SmallJob.RunAsync(_folder.Path);
        Assert.Contains("another initial adapter", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_initial_adapter_decides_rank_alpha_and_layers()
    {
        var first = await SmallJob.RunAsync(Path.Combine(_folder.Path, "first"), job: WithSteps(1, h => h with { LoraRank = 2, LoraAlpha = 3, LoraTargets = ["q_proj", "down_proj"], ReasoningEffort = RftConsole.Training.Text.ReasoningEffort.Low }));
        Hyperparameters? planned = null;
        await SmallJob.RunAsync(Path.Combine(_folder.Path, "second"), e => planned = (e as JobPlanned)?.Hyperparameters ?? planned, job: WithSteps(1) with { InitialAdapter = first.AdapterPath });

        Assert.Equal((2, 3.0, "q_proj down_proj", RftConsole.Training.Text.ReasoningEffort.Low), (planned!.LoraRank, planned.LoraAlpha, string.Join(' ', planned.LoraTargets), planned.ReasoningEffort));
    }

    [Fact]
    public async Task A_folder_without_an_adapter_to_go_on_from_is_named()
    {
        var finished = await SmallJob.RunAsync(Path.Combine(_folder.Path, "run"), job: SmallJob.Specification with { InitialAdapter = _folder.Path });

        Assert.Equal(JobOutcome.Failed, finished.Outcome);
        Assert.StartsWith("initialAdapter: ", finished.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.Path, "adapter_config.json"), finished.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkpoints_that_need_not_be_kept_are_deleted_while_the_job_runs()
    {
        var finished = await SmallJob.RunAsync(_folder.Path, job: WithSteps(6, h => h with { CheckpointInterval = 1, CheckpointsToKeep = 1 }));

        Assert.Equal([.. new[] { 6, finished.BestStep!.Value }.Distinct()], StoredCheckpoints.Steps(new(_folder.Path)));
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    private static JobSpecification WithSteps(int steps, Func<Hyperparameters, Hyperparameters>? change = null) =>
        SmallJob.Specification with { Hyperparameters = (change ?? (h => h))(SmallJob.Specification.Hyperparameters with { MaxSteps = steps }) };

    private static void Cancel(CancellationTokenSource signal, bool now)
    {
        if (now)
        {
            signal.Cancel();
        }
    }
}
