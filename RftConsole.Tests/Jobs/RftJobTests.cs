using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs;

/// <summary>A run of the small job that nothing interrupted.</summary>
public sealed class UninterruptedRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    public List<JobEvent> Events { get; } = [];

    public JobFinished Finished { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Finished = await SmallJob.RunAsync(Folder, Events.Add);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Real jobs with the starter model: a run is a pure function of its job, whatever interrupts it, and ends as it should.</summary>
public sealed class RftJobTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_job_runs_its_phases_in_order_and_ends_with_an_adapter()
    {
        Assert.Equal((JobOutcome.Completed, 6), (reference.Finished.Outcome, reference.Finished.Steps));
        Assert.Equal(
            [JobPhase.Validation, JobPhase.DataProcessing, JobPhase.Training],
            reference.Events.OfType<PhaseChanged>().Where(x => x.Status == PhaseStatus.Completed).Select(x => x.Phase));
        Assert.Equal([1, 2, 3, 4, 5, 6], reference.Events.OfType<StepCompleted>().Select(x => x.Step));
        Assert.Equal([0, 2, 4, 6], reference.Events.OfType<ValidationCompleted>().Select(x => x.Step));
        Assert.All(reference.Events.OfType<RolloutsGraded>(), x => Assert.Equal(16, x.Rollouts.Count));
        Assert.IsType<JobFinished>(reference.Events[^1]);

        var best = reference.Events.OfType<ValidationCompleted>().Where(x => x.Step > 0).OrderBy(x => x.Metrics[MetricNames.ValidationReward]).ThenBy(x => x.Step).Last();
        Assert.Equal(best.Step, reference.Finished.BestStep);
        Assert.Equal(best.Metrics, reference.Finished.Final);
        Assert.Equal(reference.Events.OfType<ValidationCompleted>().First().Metrics, reference.Finished.Baseline);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(reference.Folder, JobFolder.CheckpointName(best.Step), "adapter_model.safetensors")),
            File.ReadAllBytes(Path.Combine(reference.Finished.AdapterPath!, "adapter_model.safetensors")));
        Assert.All(reference.Events.OfType<StepCompleted>(), x => Assert.InRange(x.Metrics[MetricNames.LogProbabilityGap], 0, 1e-3));
    }

    [Fact]
    public async Task A_second_run_in_another_folder_is_the_same()
    {
        await SmallJob.RunAsync(_folder.Path);

        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task A_run_that_was_shut_down_again_and_again_ends_as_if_nothing_had_happened()
    {
        // Before any checkpoint, just before one is written, with rollouts on disk whose step is not done, right after a checkpoint, and between two.
        await ShutDownAsync(null, e => e is StepCompleted { Step: 1 });
        await ShutDownAsync(null, e => e is ValidationCompleted { Step: 2 });
        await ShutDownAsync(2, e => e is RolloutsGraded { Step: 3 });
        await ShutDownAsync(2, e => e is CheckpointWritten { Step: 4 });
        await ShutDownAsync(4, e => e is StepCompleted { Step: 5 });
        int? resumed = null;
        var finished = await SmallJob.RunAsync(_folder.Path, e => resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed);

        Assert.Equal(4, resumed);
        Assert.Equal((JobOutcome.Completed, 6, reference.Finished.BestStep), (finished.Outcome, finished.Steps, finished.BestStep));
        Assert.Equal(reference.Finished.Final, finished.Final);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task A_command_that_was_killed_and_started_again_ends_as_if_nothing_had_happened()
    {
        string job = _folder.Write("job.json", JobSpecificationFile.Serialize(SmallJob.Specification));
        string output = Path.Combine(_folder.Path, "run");
        await Cli.Engine.KillAsync(line => line.StartsWith("step 3/", StringComparison.Ordinal), "train", "--job", job, "--output", output);
        Assert.False(File.Exists(Path.Combine(output, "adapter", "adapter_model.safetensors")));

        var result = await Cli.Engine.RunAsync("train", "--job", job, "--output", output, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["status", "steps", "resumedFromStep", "baseline", "final", "adapter"], result.Json.EnumerateObject().Select(x => x.Name));
        Assert.Equal(("Completed", 6, 2), (result.Json.GetProperty("status").GetString(), result.Json.GetProperty("steps").GetInt32(), result.Json.GetProperty("resumedFromStep").GetInt32()));
        Assert.Equal(Path.Combine(output, "adapter"), result.Json.GetProperty("adapter").GetString());
        SmallJob.AssertSame(reference.Folder, output);
    }

    [Fact]
    public async Task A_second_run_in_a_folder_that_one_works_in_is_refused_and_changes_nothing()
    {
        JobFinished? second = null;
        var first = await SmallJob.RunAsync(
            _folder.Path,
            e =>
            {
                if (e is StepCompleted { Step: 2 })
                {
                    second = SmallJob.RunAsync(_folder.Path).GetAwaiter().GetResult();
                }
            });

        Assert.Equal(JobOutcome.Failed, second!.Outcome);
        Assert.Contains($"another run (process {Environment.ProcessId}) works in this folder", second.Message, StringComparison.Ordinal);
        Assert.Equal(JobOutcome.Completed, first.Outcome);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_changes_nothing_but_timestamps()
    {
        var clock = new BackwardsClock();
        await SmallJob.RunAsync(_folder.Path, time: clock);

        Assert.True(clock.Reads > 6);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task What_breaks_a_listener_is_thrown_on_and_no_outcome_of_the_job()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => SmallJob.RunAsync(_folder.Path, e => _ = e is StepCompleted { Step: 1 } ? throw new InvalidDataException("full") : 0));

        await SmallJob.RunAsync(_folder.Path);
        SmallJob.AssertSame(reference.Folder, _folder.Path);
    }

    [Fact]
    public async Task A_job_that_ended_early_has_nothing_left_to_do_when_it_is_started_again()
    {
        // At this rate nothing gets better, so the second validation after the first one ends the job.
        var job = SmallJob.Specification with { Hyperparameters = SmallJob.Specification.Hyperparameters with { LearningRate = 1e-7, EvalInterval = 1, EarlyStoppingPatience = 1 } };
        var first = await SmallJob.RunAsync(_folder.Path, job: job);
        Assert.Equal((JobOutcome.Completed, 2, 2), (first.Outcome, first.Steps, first.BestStep));
        Assert.StartsWith("Ended early after step 2", first.Message, StringComparison.Ordinal);

        int again = 0;
        var second = await SmallJob.RunAsync(_folder.Path, e => again += e is StepCompleted ? 1 : 0, job: job);
        Assert.Equal((0, first.Outcome, first.Message, first.Steps, first.BestStep), (again, second.Outcome, second.Message, second.Steps, second.BestStep));
    }

    [Fact]
    public async Task A_reward_function_that_fails_for_most_of_a_step_fails_the_job_with_its_message()
    {
        var model = await TestEngine.Models.LoadAsync(SmallJob.Specification.BaseModel);
        var second = StepPrompts.Of(JobRecords.Read(SmallJob.Specification).Encode(model, 256).Training, SmallJob.Specification.Hyperparameters, 2).Select(x => x.Record.Id);
        var job = SmallJob.Specification with
        {
            RewardFunction = new()
            {
                File = _folder.Write(
                    "reward.py",
                    $$"""
                    FAILING = {"{{string.Join("\", \"", second)}}"}
                    def lambda_handler(event, context):
                        for sample in event:
                            if sample["id"].rsplit(":", 1)[0] in FAILING:
                                raise ValueError("no such unit")
                        return [{"id": sample["id"], "aggregate_reward_score": 0.5} for sample in event]
                    """),
            },
        };
        var finished = await SmallJob.RunAsync(Path.Combine(_folder.Path, "run"), job: job);

        Assert.Equal((JobOutcome.Failed, 1), (finished.Outcome, finished.Steps));
        Assert.Contains("failed for 16 of 16 completions of step 2", finished.Message, StringComparison.Ordinal);
        Assert.Contains("no such unit", finished.Message, StringComparison.Ordinal);
        Assert.NotNull(finished.Baseline);
    }

    [Fact]
    public async Task A_folder_of_another_job_is_refused_and_left_alone()
    {
        await SmallJob.RunAsync(_folder.Path, job: SmallJob.Specification with { Hyperparameters = SmallJob.Specification.Hyperparameters with { MaxSteps = 1, LearningRate = 1e-3 } });
        byte[] metrics = await File.ReadAllBytesAsync(new JobFolder(_folder.Path).Metrics);
        var finished = await SmallJob.RunAsync(_folder.Path);

        Assert.Equal(JobOutcome.Failed, finished.Outcome);
        Assert.Contains("was made with hyperparameters.learningRate 0.001 where the job has 0.002; choose another output folder", finished.Message, StringComparison.Ordinal);
        Assert.Equal(metrics, await File.ReadAllBytesAsync(new JobFolder(_folder.Path).Metrics));
    }

    [Fact]
    public async Task A_sandbox_that_does_not_start_pauses_the_job_and_the_command_ends_with_status_1()
    {
        string tools = Directory.CreateDirectory(Path.Combine(_folder.Path, "tools")).FullName;
        string broken = Path.Combine(tools, "bwrap");
        await File.WriteAllTextAsync(broken, "#!/bin/sh\nexit 1\n");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("the sandbox needs Linux");
            return;
        }

        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string job = _folder.Write("job.json", JobSpecificationFile.Serialize(SmallJob.Specification));

        var result = await Cli.Engine.RunAsync(new Dictionary<string, string> { ["PATH"] = tools + ":" + Environment.GetEnvironmentVariable("PATH") }, "train", "--job", job, "--output", Path.Combine(_folder.Path, "run"));

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("Validation: Stopped", result.Errors);
        Assert.Contains("sandbox", result.Errors[^1], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_step_whose_completions_were_all_cut_off_and_are_left_out_teaches_nothing()
    {
        var steps = new List<StepCompleted>();
        var job = SmallJob.Specification with
        {
            Hyperparameters = SmallJob.Specification.Hyperparameters with { InferenceMaxTokens = 1, MaskTruncatedCompletions = true, KlCoefficient = 0.5, MaxSteps = 2, UpdatesPerBatch = 2 },
        };
        var finished = await SmallJob.RunAsync(_folder.Path, e => steps.AddRange(e is StepCompleted step ? [step] : []), job: job);

        Assert.Equal((JobOutcome.Completed, 2), (finished.Outcome, finished.Steps));
        Assert.All(steps, x => Assert.Equal((1, 0, 0), (x.Metrics[MetricNames.ClippedRatio], x.Metrics[MetricNames.Loss], x.Metrics[MetricNames.GradNorm])));
    }

    [Fact]
    public async Task Prompts_that_leave_no_room_for_an_answer_are_dropped()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        int context = model.Decoder.Config.ContextLength;
        string data = _folder.Write("train.jsonl", string.Concat(Enumerable.Range(1, 2 * context).Select(x => $$"""{"messages":[{"role":"user","content":"{{new string('x', x)}}"}]}""" + "\n")));
        var encoded = JobRecords.Read(SmallJob.Specification with { TrainingData = new() { File = data } }).Encode(model, context);

        Assert.Contains(encoded.Dropped, x => x.Length >= context);
        Assert.All(encoded.Training.Concat(encoded.Validation), x => Assert.InRange(x.Ids.Length, 1, context - 1));
    }

    /// <summary>Each look at it is an hour before the last one.</summary>
    private sealed class BackwardsClock : TimeProvider
    {
        public int Reads { get; private set; }

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero).AddHours(-Reads++);
    }

    private async Task ShutDownAsync(int? resumedFrom, Predicate<JobEvent> at)
    {
        using var shutdown = new CancellationTokenSource();
        int? resumed = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallJob.RunAsync(
            _folder.Path,
            e =>
            {
                resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed;
                if (at(e))
                {
                    shutdown.Cancel();
                }
            },
            new() { Shutdown = shutdown.Token }));
        Assert.Equal(resumedFrom, resumed);
    }
}
