using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Jobs;

/// <summary>One run of a job in its folder; a run in a folder that holds checkpoints resumes from the last one.</summary>
public sealed class RftJob(JobSpecification specification, string folder, ModelHost models)
{
    /// <summary>Changes when a change of the engine changes results: an old checkpoint is then refused.</summary>
    private const string EngineVersion = "2";

    private readonly JobFolder _folder = new(folder);

    public JobSpecification Specification { get; } = specification;

    public string Folder => _folder.Path;

    public ModelHost Models { get; } = models;

    /// <summary>
    /// Runs the three phases. <paramref name="stop"/> ends the job after the current step, with its adapter written;
    /// <paramref name="shutdown"/> ends the process' work at once and throws <see cref="OperationCanceledException"/>: the next run resumes.
    /// Everything else that goes wrong is a <see cref="JobFinished"/> with the reason.
    /// </summary>
    public async Task<JobFinished> RunAsync(Func<JobEvent, ValueTask> onEvent, CancellationToken stop, CancellationToken shutdown)
    {
        var phase = JobPhase.Validation;
        int steps = 0;
        IReadOnlyDictionary<string, double>? baseline = null;
        ValueTask Forward(JobEvent e)
        {
            phase = e is PhaseChanged { Status: PhaseStatus.InProgress } begun ? begun.Phase : phase;
            steps = (e as StepCompleted)?.Step ?? (e as JobPlanned)?.ResumedFromStep ?? steps;
            baseline = e is ValidationCompleted { Step: 0 } measured ? measured.Metrics : baseline;
            return onEvent(e);
        }

        JobFinished finished;
        try
        {
            Directory.CreateDirectory(_folder.Path);
            finished = await RunPhasesAsync(Forward, stop, shutdown);
        }
        catch (RewardInfrastructureException e)
        {
            finished = Ended(JobOutcome.Paused, e.Message);
        }
        catch (Exception e) when (e is UserInputException or IOException or UnauthorizedAccessException)
        {
            finished = Ended(JobOutcome.Failed, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            finished = Ended(JobOutcome.Failed, $"The engine failed: {e.Message}");
            await onEvent(new JobLog(e.ToString()));
        }

        await onEvent(new PhaseChanged(phase, finished.Outcome switch
        {
            JobOutcome.Completed => PhaseStatus.Completed,
            JobOutcome.Failed => PhaseStatus.Failed,
            _ => PhaseStatus.Stopped,
        }));
        await onEvent(finished);
        return finished;

        JobFinished Ended(JobOutcome outcome, string message) => new(outcome, message, steps, baseline, null, null, null);
    }

    private async Task<JobFinished> RunPhasesAsync(Func<JobEvent, ValueTask> onEvent, CancellationToken stop, CancellationToken shutdown)
    {
        await onEvent(new PhaseChanged(JobPhase.Validation, PhaseStatus.InProgress));
        var model = await Models.LoadAsync(Specification.BaseModel);
        HyperparameterRules.Check(Specification.Hyperparameters, model.Decoder.Config.ContextLength);
        var records = JobRecords.Read(Specification);
        await using var reward = await RewardFunctions.CreateAsync(Specification.RewardFunction, _folder.Path, Options(Specification.Hyperparameters), shutdown);
        await TryRewardAsync(records, reward, onEvent, shutdown);
        await onEvent(new PhaseChanged(JobPhase.Validation, PhaseStatus.Completed));

        await onEvent(new PhaseChanged(JobPhase.DataProcessing, PhaseStatus.InProgress));
        var h = HyperparameterRules.Resolve(Specification.Hyperparameters, model.Decoder.Config, records.Training.Count, Specification.RewardFunction);
        var data = records.Encode(model, h.MaxPromptLength!.Value, h.ReasoningEffort);
        int totalSteps = HyperparameterRules.TotalSteps(h, data.Training.Count);
        await File.WriteAllTextAsync(_folder.Specification, JobSpecificationFile.Serialize(Specification with { Hyperparameters = h }) + "\n", shutdown);
        var checkpoints = new CheckpointStore(_folder, Identity(model, data, reward, h));
        var damaged = new List<string>();
        var resume = checkpoints.FindLast(damaged.Add);
        foreach (string message in damaged)
        {
            await onEvent(new JobWarning("checkpoint-damaged", message));
        }

        await onEvent(new JobPlanned(h, totalSteps, data.Training.Count, data.Validation.Count, data.Dropped.Count, resume?.Progress.Step));
        await ReportDataAsync(records, data, onEvent);
        await onEvent(new PhaseChanged(JobPhase.DataProcessing, PhaseStatus.Completed));

        await onEvent(new PhaseChanged(JobPhase.Training, PhaseStatus.InProgress));
        var state = await Models.Compute.RunAsync(
            WorkPriority.Training,
            () => resume is null
                ? PolicyState.Create(model.Decoder.Config, h)
                : PolicyState.Load(resume.Folder, model.Decoder.Config, h, resume.Progress.Step * h.UpdatesPerBatch),
            shutdown);
        try
        {
            var context = new TrainingContext(model, Specification.BaseModel, data, reward, h, totalSteps, _folder, checkpoints, Models.Compute);
            var (progress, endedEarly) = await new TrainingPhase(context, state, resume?.Progress ?? new(), onEvent).RunAsync(stop, shutdown);
            bool stopped = stop.IsCancellationRequested && progress.Step < totalSteps;
            int best = WriteAdapter(progress);
            return new(stopped ? JobOutcome.Stopped : JobOutcome.Completed, endedEarly, progress.Step, progress.Baseline, progress.Best, _folder.Adapter, best);
        }
        finally
        {
            await Models.Compute.RunAsync(WorkPriority.Training, state.Dispose, CancellationToken.None);
        }
    }

    private static RewardOptions Options(Hyperparameters h) => new() { BatchSize = h.RewardBatchSize, FailureScore = h.FailureScore };

    /// <summary>Runs the reward function on a few real prompts, with an empty answer: a fault in it shows before any training.</summary>
    private static async Task TryRewardAsync(JobRecords records, IRewardFunction reward, Func<JobEvent, ValueTask> onEvent, CancellationToken cancellationToken)
    {
        var results = await reward.ScoreAsync([.. records.Training.Take(4).Select(x => Grading.Sample(x, 0, ""))], cancellationToken);
        if (results.All(x => x.Error is not null))
        {
            throw new UserInputException($"rewardFunction: {reward.Name} fails on each of the first {results.Count} prompts: {results[0].Error}");
        }

        if (results.All(x => !x.IsJudged))
        {
            throw new UserInputException($"rewardFunction: {reward.Name} gives no verdict on an empty answer to any of the first {results.Count} prompts: {results[0].Unjudged}");
        }

        foreach (var failed in results.Where(x => x.Error is not null || !x.IsJudged))
        {
            await onEvent(new JobWarning("reward-trial", $"The reward function {(failed.IsJudged ? "fails" : "gives no verdict")} on an empty answer to {failed.Id}: {failed.Error ?? failed.Unjudged}"));
        }
    }

    private static async Task ReportDataAsync(JobRecords records, JobData data, Func<JobEvent, ValueTask> onEvent)
    {
        foreach (string warning in records.Warnings)
        {
            await onEvent(new JobWarning("data", warning));
        }

        foreach (var line in records.Rejected.Take(20))
        {
            await onEvent(new JobWarning("data-rejected", $"Line {line.Line}: {line.Reason}: {line.Excerpt}"));
        }

        if (records.Rejected.Count > 20)
        {
            await onEvent(new JobWarning("data-rejected", $"{records.Rejected.Count - 20} further lines were rejected."));
        }

        if (data.Dropped.Count > 0)
        {
            await onEvent(new JobWarning("data-dropped", $"{data.Dropped.Count} prompts were dropped; the first one: {data.Dropped[0].Record.Id}: {data.Dropped[0].Reason}"));
        }
    }

    /// <summary>Copies the best checkpoint's adapter, or the last one's where nothing was validated.</summary>
    private int WriteAdapter(JobProgress progress)
    {
        int step = progress.BestStep ?? progress.Step;
        string source = Path.Combine(_folder.Path, JobFolder.CheckpointName(step));
        Directory.CreateDirectory(_folder.Adapter);
        foreach (string name in (string[])[Weights.PeftAdapter.ConfigFile, Weights.PeftAdapter.WeightsFile])
        {
            File.Copy(Path.Combine(source, name), Path.Combine(_folder.Adapter, name), overwrite: true);
        }

        return step;
    }

    /// <summary>A hash of everything that decides a job's weights: two runs with the same one end the same, bit for bit.</summary>
    private string Identity(LoadedModel model, JobData data, IRewardFunction reward, Hyperparameters h) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', EngineVersion, model.ContentHash, data.ContentHash, data.Training.Count, data.Validation.Count, reward.ContentHash, JsonSerializer.Serialize(h, JobSpecificationFile.Options), Models.Compute.Threads))));
}
