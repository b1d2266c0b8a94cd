using System.Text;

using RftConsole.Training.Compute;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Models;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Training.Jobs;

/// <summary>One run of a job in its folder; a run in a folder that holds checkpoints resumes from the last one.</summary>
/// <param name="specification">The job.</param>
/// <param name="folder">Its folder.</param>
/// <param name="models">Loads the base model.</param>
/// <param name="time">The clock of the timestamps and of retries; null for the system's.</param>
/// <param name="services">Where reward functions find secrets; null for the environment's variables.</param>
/// <param name="s3">How buckets are reached; null for the environment's variables.</param>
/// <param name="keys">Where the key of an encrypted job is; null where its folder is encrypted already and whoever runs it can open it.</param>
public sealed class RftJob(JobSpecification specification, string folder, ModelHost models, TimeProvider? time = null, RewardServices? services = null, S3Connection? s3 = null, KeyStore? keys = null)
{
    private readonly JobFolder _folder = new(folder);

    public JobSpecification Specification { get; } = specification;

    public string Folder => _folder.Path;

    public ModelHost Models { get; } = models;

    /// <summary>
    /// Runs the three phases. Everything that goes wrong is a <see cref="JobFinished"/> with the reason; what may be over at another time (a reward that cannot be
    /// reached, a full disk) pauses the job. An exception that <paramref name="onEvent"/> throws ends the run and is thrown on.
    /// </summary>
    /// <exception cref="OperationCanceledException"><see cref="JobSignals.Shutdown"/>: the next run resumes.</exception>
    public async Task<JobFinished> RunAsync(Func<JobEvent, ValueTask> onEvent, JobSignals signals)
    {
        var phase = JobPhase.Validation;
        int steps = 0;
        bool listening = true;
        IReadOnlyDictionary<string, double>? baseline = null;
        JobNetwork? network = null;
        async ValueTask Forward(JobEvent e)
        {
            phase = e is PhaseChanged { Status: PhaseStatus.InProgress } begun ? begun.Phase : phase;
            steps = (e as StepCompleted)?.Step ?? (e as JobPlanned)?.ResumedFromStep ?? steps;
            baseline = e is ValidationCompleted { Step: 0 } measured ? measured.Metrics : baseline;
            listening = false;
            await TellRefusedAsync(network, onEvent);
            await onEvent(e);
            listening = true;
        }

        JobFinished finished;
        string? trace = null;
        using var opened = keys is null ? null : SealedFolders.Use(keys, _folder.Path);
        try
        {
            using var held = JobFolderLock.Take(_folder);
            await EncryptAsync(signals.Shutdown);
            network = new(Specification.NetworkIsolation, _folder, time);
            finished = await RunPhasesAsync(network.Policy, Forward, signals);
        }
        catch (Exception e) when (listening && e is not OperationCanceledException)
        {
            finished = Broken(e, phase) with { Steps = steps, Baseline = baseline };
            trace = e is UserInputException or RewardInfrastructureException or IOException or UnauthorizedAccessException or InvalidDataException ? null : e.ToString();
        }

        await TellRefusedAsync(network, onEvent);
        network?.Dispose();
        if (trace is not null)
        {
            await onEvent(new JobLog(trace));
        }

        await onEvent(new PhaseChanged(phase, finished.Outcome switch
        {
            JobOutcome.Completed => PhaseStatus.Completed,
            JobOutcome.Failed => PhaseStatus.Failed,
            _ => PhaseStatus.Stopped,
        }));
        await onEvent(finished);
        return finished;
    }

    /// <summary>How a run ends that something broke.</summary>
    private static JobFinished Broken(Exception e, JobPhase phase)
    {
        return e switch
        {
            // The key may come back, or be unlocked.
            KeyUnavailableException => Ended(JobOutcome.Paused, e.Message),
            UserInputException => Ended(JobOutcome.Failed, e.Message),
            RewardInfrastructureException => Ended(JobOutcome.Paused, e.Message),

            // The first phase reads what the user named, and writes nothing.
            IOException or UnauthorizedAccessException when phase == JobPhase.Validation => Ended(JobOutcome.Failed, e.Message),

            // A full disk, one that is read-only for a while, a best checkpoint that was damaged meanwhile: the last whole checkpoint is still there.
            IOException or UnauthorizedAccessException or InvalidDataException => Ended(JobOutcome.Paused, $"{e.Message.TrimEnd('.')}. Mend this, then resume the job: it goes on from its last checkpoint."),
            _ => Ended(JobOutcome.Failed, $"The engine failed: {e.Message}"),
        };

        static JobFinished Ended(JobOutcome outcome, string message) => new(outcome, message.ReplaceLineEndings(" "), 0, null, null, null, null);
    }

    /// <summary>Opens the job's folder with its data key, or gives it one before anything is written.</summary>
    private async Task EncryptAsync(CancellationToken shutdown)
    {
        var open = await SealedFolders.OpenAsync(_folder.Path, shutdown);
        switch (Specification.Encryption)
        {
            case null when open is not null:
                throw new UserInputException($"encryption: {_folder.Path} is encrypted with the key \"{open.Wrapped.Key}\"; name it in the job, or choose another output folder");
            case { } wanted when open is null && (File.Exists(_folder.Metrics) || File.Exists(_folder.Specification)):
                throw new UserInputException($"encryption: {_folder.Path} holds artefacts that are not encrypted, and the job wants the key \"{wanted.Key}\"; choose another output folder");
            case { } wanted when open is null:
                await SealedFolders.CreateAsync(_folder.Path, keys ?? new KeyStore(null), wanted.Key, shutdown);
                break;
        }
    }

    private async Task<JobFinished> RunPhasesAsync(OutboundPolicy network, Func<JobEvent, ValueTask> onEvent, JobSignals signals)
    {
        var shutdown = signals.Shutdown;
        await onEvent(new PhaseChanged(JobPhase.Validation, PhaseStatus.InProgress));
        CheckNetwork(network);
        var model = await Models.LoadAsync(Specification.BaseModel);
        HyperparameterRules.Check(Specification.Hyperparameters, model.Decoder.Config.ContextLength);
        JobOutput.Check(Specification.OutputData);
        var initial = await InitialAdapter.ReadAsync(Specification, model, Models.Compute, shutdown);
        var records = JobRecords.Read(await new JobSources(_folder, s3, network, onEvent).FetchAsync(Specification, shutdown));
        await using var reward = await RewardFunctions.CreateAsync(Specification.RewardFunction, _folder.Path, Services(network, onEvent), Options(), shutdown);
        if (reward.Packages.Count > 0)
        {
            await onEvent(new JobLog("Packages of the reward function: " + string.Join(", ", reward.Packages)));
        }

        await TryRewardAsync(records, reward, onEvent, shutdown);
        await onEvent(new PhaseChanged(JobPhase.Validation, PhaseStatus.Completed));

        await onEvent(new PhaseChanged(JobPhase.DataProcessing, PhaseStatus.InProgress));
        var h = HyperparameterRules.Resolve(Specification.Hyperparameters, model.Decoder.Config, records.Training.Count, Specification.RewardFunction);
        h = initial?.Resolve(h) ?? h;
        var data = records.Encode(model, h.MaxPromptLength!.Value, h.ReasoningEffort);
        int totalSteps = HyperparameterRules.TotalSteps(h, data.Training.Count);
        var checkpoints = new CheckpointStore(_folder, JobIdentity.Of(model, initial?.ContentHash, data, reward.ContentHash, h, totalSteps, Models.Compute.Threads), h.CheckpointsToKeep);
        var damaged = new List<string>();
        var resume = checkpoints.FindLast(damaged.Add);
        foreach (string message in damaged)
        {
            await onEvent(new JobWarning("checkpoint-damaged", message));
        }

        if (resume?.Progress.Step > totalSteps)
        {
            throw new UserInputException($"{_folder.Path}: {resume.Progress.Step} steps are made already, and the job is to have {totalSteps}; raise maxSteps or epochCount, or choose another output folder");
        }

        DurableFiles.Replace(_folder.Specification, Encoding.UTF8.GetBytes(JobSpecificationFile.Serialize(Specification with { Hyperparameters = h }) + "\n"));
        await onEvent(new JobPlanned(h, totalSteps, data.Training.Count, data.Validation.Count, data.Dropped.Count, resume?.Progress.Step) { Data = DataReport.Of(records, data, Math.Min(h.MaxPromptLength.Value, model.Decoder.Config.ContextLength - 1)) });
        await ReportDataAsync(records, data, onEvent);
        await onEvent(new PhaseChanged(JobPhase.DataProcessing, PhaseStatus.Completed));

        await onEvent(new PhaseChanged(JobPhase.Training, PhaseStatus.InProgress));
        var state = await Models.Compute.RunAsync(
            WorkPriority.Training,
            () => resume is null
                ? PolicyState.Create(model.Decoder.Config, h, initial?.Folder)
                : PolicyState.Load(resume.Folder, model.Decoder.Config, h, resume.Progress.Step * h.UpdatesPerBatch),
            shutdown);
        try
        {
            var context = new TrainingContext(model, Specification.BaseModel, data, reward, h, totalSteps, _folder, checkpoints, Models.Compute, time ?? TimeProvider.System);
            var (outcome, progress, reason) = await new TrainingPhase(context, state, resume?.Progress ?? new(), onEvent).RunAsync(signals);
            if (outcome == JobOutcome.Paused)
            {
                return new(outcome, reason, progress.Step, progress.Baseline, progress.Best, null, null);
            }

            int best = WriteAdapter(progress, checkpoints);
            await JobOutput.PublishAsync(Specification.OutputData, _folder, s3, network, onEvent, shutdown);
            return new(outcome, reason is null ? null : $"{reason} {Kept(progress, best)}", progress.Step, progress.Baseline, progress.Best, _folder.Adapter, best);
        }
        finally
        {
            await Models.Compute.RunAsync(WorkPriority.Training, state.Dispose, CancellationToken.None);
        }
    }

    private static async ValueTask TellRefusedAsync(JobNetwork? network, Func<JobEvent, ValueTask> onEvent)
    {
        foreach (var call in network?.TakeRefused() ?? [])
        {
            await onEvent(new CallsRefused(call));
        }
    }

    private void CheckNetwork(OutboundPolicy network)
    {
        if (network.Mode == NetworkMode.Hosts && (Specification.TrainingData.S3Uri ?? Specification.TrainingData.InvocationLogs?.Path ?? Specification.OutputData?.S3Uri) is not null)
        {
            using var store = new S3Store(s3 ?? S3Connection.FromEnvironment(Environment.GetEnvironmentVariable), network);
            NetworkNeeds.Check(Specification, network, store.PlaceOf);
        }
        else
        {
            NetworkNeeds.Check(Specification, network);
        }
    }

    private RewardServices Services(OutboundPolicy network, Func<JobEvent, ValueTask> onEvent) =>
        (services ?? new()) with { Network = network, Models = Models, Folder = _folder.Path, Warn = (code, message) => onEvent(new JobWarning(code, message)) };

    private RewardOptions Options() => new()
    {
        BatchSize = Specification.Hyperparameters.RewardBatchSize,
        FailureScore = Specification.Hyperparameters.FailureScore,
        TimeProvider = time ?? TimeProvider.System,
    };

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
            await onEvent(new JobWarning("data-dropped", $"{(data.Dropped.Count == 1 ? "1 prompt was dropped" : $"{data.Dropped.Count} prompts were dropped; the first one")}: {data.Dropped[0].Record.Id}: {data.Dropped[0].Reason}"));
        }
    }

    /// <summary>Copies the best checkpoint's adapter, or the last one's where nothing was validated.</summary>
    /// <exception cref="InvalidDataException">That checkpoint is damaged.</exception>
    private int WriteAdapter(JobProgress progress, CheckpointStore checkpoints)
    {
        int step = progress.BestStep ?? progress.Step;
        string source = checkpoints.Verify(step);
        Directory.CreateDirectory(_folder.Adapter);
        foreach (string name in (string[])[Weights.PeftAdapter.ConfigFile, Weights.PeftAdapter.WeightsFile])
        {
            DurableFiles.Replace(Path.Combine(_folder.Adapter, name), VaultFiles.ReadAllBytes(Path.Combine(source, name)));
        }

        return step;
    }

    private static string Kept(JobProgress progress, int best) =>
        best == progress.Step ? $"Kept: the checkpoint of step {best}, the last and the best one."
        : FormattableString.Invariant($"Kept: the last checkpoint, of step {progress.Step}, and the best one, of step {best} (validation reward {progress.Best![MetricNames.ValidationReward]:0.###}), which the adapter is.");
}
