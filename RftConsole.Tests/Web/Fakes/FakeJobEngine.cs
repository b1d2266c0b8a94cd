using System.Globalization;

using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Fakes;

/// <summary>
/// Behaves as the trainer does towards the console: the three phases, a step's events in order, checkpoints on disk that a next run in the same folder resumes from,
/// a stop after the current step, a shutdown at once. Every figure is a function of the step.
/// </summary>
internal sealed class FakeJobEngine(int totalSteps = 6, int checkpointInterval = 2) : IJobEngine
{
    private int _running;

    /// <summary>Awaited before each step, for tests that hold a job there.</summary>
    public Func<int, CancellationToken, Task> BeforeStep { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What a run says before each step beside the usual.</summary>
    public Func<int, IEnumerable<JobEvent>> Says { get; set; } = _ => [];

    /// <summary>Replaces the end of a run.</summary>
    public Func<JobFinished>? EndsAs { get; set; }

    /// <summary>Whether a stopped run validates its last step where no validation is due.</summary>
    public bool ClosesWithValidation { get; set; }

    /// <summary>Names of the jobs in the order in which they began, and the step that each went on from.</summary>
    public List<(string Name, int? ResumedFrom)> Runs { get; } = [];

    public int MostAtOnce { get; private set; }

    public async Task<JobFinished> RunAsync(JobSpecification specification, string folder, Func<JobEvent, ValueTask> onEvent, JobSignals signals)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
        try
        {
            return await TrainAsync(specification, folder, onEvent, signals);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken) =>
        Task.FromResult(new JobEstimate(TimeSpan.FromSeconds(totalSteps), 1 << 20, totalSteps, specification.Hyperparameters));

    public Task<JobEstimate> EstimateAsync(DecoderConfig config, CancellationToken cancellationToken) =>
        Task.FromResult(new JobEstimate(TimeSpan.FromSeconds(totalSteps), 1 << 20, totalSteps, new()));

    public static Dictionary<string, double> MetricsOf(int step) => new() { ["reward"] = step / 10.0, ["loss"] = step == 3 ? double.NaN : 0.0 };

    public static Dictionary<string, double> ValidationOf(int step) => new() { ["eval/reward"] = step / 10.0, ["eval/accuracy"] = step / 20.0 };

    public static Rollout RolloutOf(int step, int prompt, int sample) =>
        new(step, prompt, sample, $"record-{prompt}", $"What is {step} + {prompt}? 100% sure", $"ANSWER: {step + prompt}", 5, "stop", sample, sample - 0.5, "1", [new RewardMetric("accuracy", sample, RewardMetricType.Reward)], null, "");

    private async Task<JobFinished> TrainAsync(JobSpecification specification, string folder, Func<JobEvent, ValueTask> onEvent, JobSignals signals)
    {
        int? resumed = LastCheckpoint(folder);
        Runs.Add((specification.Name, resumed));
        await onEvent(new PhaseChanged(JobPhase.Validation, PhaseStatus.InProgress));
        await onEvent(new PhaseChanged(JobPhase.Validation, PhaseStatus.Completed));
        await onEvent(new PhaseChanged(JobPhase.DataProcessing, PhaseStatus.Completed));
        await onEvent(new JobPlanned(specification.Hyperparameters, totalSteps, 40, 4, 1, resumed));
        await onEvent(new PhaseChanged(JobPhase.Training, PhaseStatus.InProgress));
        if (resumed is null)
        {
            await onEvent(new ValidationCompleted(0, ValidationOf(0), true));
        }

        int done = resumed ?? 0;
        while (done < totalSteps && !(done > 0 && (signals.Stop.IsCancellationRequested || signals.Pause.IsCancellationRequested)))
        {
            int step = done + 1;
            await BeforeStep(step, signals.Halt).WaitAsync(signals.Halt);
            foreach (JobEvent said in Says(step))
            {
                await onEvent(said);
            }

            await onEvent(new RolloutsGraded(step, [.. from prompt in Enumerable.Range(0, 2) from sample in Enumerable.Range(0, 2) select RolloutOf(step, prompt, sample)]));
            await onEvent(new StepCompleted(step, totalSteps, MetricsOf(step)));
            done = step;
            if (step % checkpointInterval == 0)
            {
                await onEvent(new ValidationCompleted(step, ValidationOf(step), true));
                WriteAdapter(CheckpointFolder(folder, step), step);
                await onEvent(new CheckpointWritten(step, $"checkpoints/step-{step}", true));
            }
        }

        if (EndsAs is { } end)
        {
            return end();
        }

        int best = LastCheckpoint(folder) ?? done;
        WriteAdapter(Path.Combine(folder, "adapter"), best);
        WriteAdapter(CheckpointFolder(folder, done), done);
        bool stopped = done < totalSteps;
        if (stopped && !signals.Stop.IsCancellationRequested)
        {
            JobFinished paused = new(JobOutcome.Paused, $"Paused after step {done}.", done, ValidationOf(0), ValidationOf(best), null, null);
            await onEvent(paused);
            return paused;
        }

        if (stopped && ClosesWithValidation)
        {
            await onEvent(new ValidationCompleted(done, ValidationOf(done), true));
        }

        await onEvent(new PhaseChanged(JobPhase.Training, stopped ? PhaseStatus.Stopped : PhaseStatus.Completed));
        JobFinished finished = new(stopped ? JobOutcome.Stopped : JobOutcome.Completed, null, done, ValidationOf(0), ValidationOf(best), Path.Combine(folder, "adapter"), best);
        await onEvent(finished);
        return finished;
    }

    private static string CheckpointFolder(string folder, int step) => Path.Combine(folder, "checkpoints", string.Create(CultureInfo.InvariantCulture, $"step-{step}"));

    private static int? LastCheckpoint(string folder) =>
        Directory.Exists(Path.Combine(folder, "checkpoints"))
            ? Directory.GetDirectories(Path.Combine(folder, "checkpoints")).Select(path => (int?)int.Parse(Path.GetFileName(path)["step-".Length..], CultureInfo.InvariantCulture)).Max()
            : null;

    private static void WriteAdapter(string path, int step)
    {
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "adapter_model.safetensors"), $"weights of step {step}");
        File.WriteAllText(Path.Combine(path, "adapter_config.json"), "{}");
        File.WriteAllText(Path.Combine(path, "optimizer.safetensors"), "moments");
    }
}
