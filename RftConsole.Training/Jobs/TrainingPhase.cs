using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Jobs;

/// <summary>What the training phase works with.</summary>
/// <param name="Model">The base model.</param>
/// <param name="ModelName">Its name in the job file.</param>
/// <param name="Data">The prompts.</param>
/// <param name="Reward">The reward function.</param>
/// <param name="Hyperparameters">All resolved.</param>
/// <param name="TotalSteps">Optimiser steps to make.</param>
/// <param name="Folder">The job's folder.</param>
/// <param name="Checkpoints">Its checkpoints.</param>
/// <param name="Compute">The compute thread.</param>
/// <param name="Time">The clock of the timestamps; nothing else depends on it.</param>
public sealed record TrainingContext(
    LoadedModel Model,
    string ModelName,
    JobData Data,
    IRewardFunction Reward,
    Hyperparameters Hyperparameters,
    int TotalSteps,
    JobFolder Folder,
    CheckpointStore Checkpoints,
    ComputeThread Compute,
    TimeProvider Time);

/// <summary>How the training phase ended.</summary>
/// <param name="Outcome">Completed, stopped or paused.</param>
/// <param name="Progress">The last step's, with a closing validation counted in.</param>
/// <param name="Reason">Why not all steps were made; null where they were.</param>
public sealed record TrainingEnd(JobOutcome Outcome, JobProgress Progress, string? Reason);

/// <summary>The third phase of a job: steps of rollouts, rewards, advantages and updates, with validations and checkpoints between them.</summary>
public sealed class TrainingPhase(TrainingContext context, PolicyState state, JobProgress progress, Func<JobEvent, ValueTask> onEvent)
{
    private readonly Hyperparameters _h = context.Hyperparameters;
    private readonly StepArtefacts _artefacts = new(context.Folder);
    private readonly StepHealth _health = new();
    private readonly GrpoTrainer _trainer = new(
        new MergedPolicy(context.Model, state.Adapter, context.Compute),
        state.Optimizer,
        new(
            context.Hyperparameters.LossType,
            context.Hyperparameters.KlCoefficient,
            context.Hyperparameters.ClipLow,
            context.Hyperparameters.ClipHigh,
            context.Hyperparameters.Temperature,
            context.Hyperparameters.InferenceMaxTokens!.Value,
            context.Hyperparameters.MaxGradNorm));

    private JobProgress _progress = progress;
    private int _saved = progress.Step;
    private double? _checkpointSeconds;

    private bool AllStepsMade => _progress.Step >= context.TotalSteps;

    private bool Validates => context.Data.Validation.Count > 0;

    /// <summary>Runs until the last step, an early stop, or a signal.</summary>
    /// <exception cref="RewardInfrastructureException">A reward could not be computed.</exception>
    /// <exception cref="UserInputException">More than half of a step's samples failed in the user's reward function.</exception>
    public async Task<TrainingEnd> RunAsync(JobSignals signals)
    {
        await using var policy = _trainer.Policy;
        await using var trainer = _trainer;
        using var early = CancellationTokenSource.CreateLinkedTokenSource(signals.Halt, signals.Shutdown);
        _artefacts.Begin(_progress.FileLengths);
        if (_progress.Step == 0 && Validates)
        {
            await ValidateAsync(new SortedDictionary<string, double>(StringComparer.Ordinal), early.Token);
            await WarnAsync(StepHealth.OfBaseline(_progress.Baseline!));
        }

        // A run that is started again after its end has nothing left to do, unless it has been made longer.
        var end = _progress.Step == 0 ? null : End(signals);
        if (end is null or { Outcome: JobOutcome.Paused } && _progress.Unwritten is { } unwritten)
        {
            _artefacts.Append(_progress.Step, unwritten, context.Time.GetUtcNow());
            _progress = _progress with { Unwritten = null };
        }

        while (end is null)
        {
            var metrics = await StepOrRestAsync(_progress.Step + 1, signals, early.Token);
            bool due = Validates && _progress.Step % _h.EvalInterval!.Value == 0;
            bool better = due && await ValidateAsync(metrics, signals.Shutdown);
            if (due)
            {
                await WarnAsync(_health.AfterValidation(_progress.Step, metrics));
            }

            end = End(signals);
            if (Validates && !due && end is { Outcome: not JobOutcome.Paused })
            {
                _progress = _progress with { Unwritten = metrics };
            }
            else if (!due)
            {
                _artefacts.Append(_progress.Step, metrics, context.Time.GetUtcNow());
            }

            if (better || end is not null || _progress.Step % _h.CheckpointInterval!.Value == 0)
            {
                await SaveAsync(better);
            }
        }

        if (_progress.Unwritten is { } last)
        {
            // After the checkpoint: whoever resumes or prolongs this job goes on from before this validation.
            await ValidateAsync(new(last, StringComparer.Ordinal), signals.Shutdown);
        }

        return end with { Progress = _progress };
    }

    /// <summary>Whether the job ends with the step that is done, and how.</summary>
    private TrainingEnd? End(JobSignals signals) =>
        AllStepsMade ? new(JobOutcome.Completed, _progress, null)
        : EarlyStop() is { } early ? new(JobOutcome.Completed, _progress, early)
        : signals.Stop.IsCancellationRequested ? new(JobOutcome.Stopped, _progress, $"Stopped after step {_progress.Step} of {context.TotalSteps}.")
        : signals.Pause.IsCancellationRequested ? new(JobOutcome.Paused, _progress, $"Paused after step {_progress.Step} of {context.TotalSteps}; it goes on from there when it is resumed.")
        : null;

    private string? EarlyStop() =>
        _h.EarlyStopping && _progress.EvaluationsWithoutBetter >= _h.EarlyStoppingPatience
            ? $"Ended early after step {_progress.Step}: {_h.EarlyStoppingPatience} validations without a better reward than {_progress.Best![MetricNames.ValidationReward]:0.###}."
            : null;

    /// <summary>Makes a step. A halt that it makes way for leaves the checkpoint of the step before.</summary>
    private async Task<SortedDictionary<string, double>> StepOrRestAsync(int step, JobSignals signals, CancellationToken early)
    {
        try
        {
            return await StepAsync(step, early, signals.Shutdown);
        }
        catch (OperationCanceledException) when (signals.Halt.IsCancellationRequested && !signals.Shutdown.IsCancellationRequested && _progress.Step is > 0 and var done && done < step)
        {
            if (_saved < done)
            {
                await SaveAsync(isBest: false);
            }

            await onEvent(new JobLog($"Interrupted after step {done} of {context.TotalSteps}, whose checkpoint is written: the next run goes on from there."));
            throw;
        }
    }

    /// <param name="step">Its number.</param>
    /// <param name="early">Gives the step up, as long as it has not changed the policy.</param>
    /// <param name="shutdown">Gives it up at any time.</param>
    private async Task<SortedDictionary<string, double>> StepAsync(int step, CancellationToken early, CancellationToken shutdown)
    {
        long start = Stopwatch.GetTimestamp();
        var prompts = StepPrompts.Of(context.Data.Training, _h, step);
        var completions = await new BatchGenerator(context.Compute).GenerateAsync(
            await _trainer.Policy.CurrentAsync(early),
            null,
            [.. prompts.Select(x => x.Ids)],
            _h.TrainingSamplePerPrompt,
            new SamplingOptions(_h.Temperature, 1, _h.InferenceMaxTokens!.Value),
            (prompt, sample, token) => CounterRandom.Uniform((ulong)_h.Seed, RandomStream.Rollouts, (ulong)step, ((ulong)prompt << 32) | (uint)sample, (ulong)token),
            WorkPriority.Training,
            early);
        long generated = Stopwatch.GetTimestamp();
        var groups = await Grading.GradeAsync(context.Model, prompts, completions, context.Reward, early);
        long graded = Stopwatch.GetTimestamp();
        GradingRules.RefuseFailingReward($"step {step}", groups);
        GradingRules.RefuseMissingVerdicts($"step {step}", [.. groups.SelectMany(x => x)]);

        var advantages = Advantages.Of([.. groups.Select(x => x.Select(y => TakesPart(y) ? y.Result.Score : (double?)null).ToArray())], _h.AdvantageScaling);
        var update = await UpdateAsync(step, groups, advantages, early, shutdown);
        long updated = Stopwatch.GetTimestamp();

        var metrics = StepMetricsBuilder.OfRollouts(groups, _h.AccuracyThreshold!.Value);
        long tokens = _progress.TokenCount + groups.Sum(x => x.Sum(y => (long)y.Prompt.Ids.Length + y.Completion.Tokens.Length));
        AddUpdate(metrics, step, update, tokens);
        metrics[MetricNames.RolloutTime] = Stopwatch.GetElapsedTime(start, generated).TotalSeconds;
        metrics[MetricNames.RewardTime] = Stopwatch.GetElapsedTime(generated, graded).TotalSeconds;
        metrics[MetricNames.UpdateTime] = Stopwatch.GetElapsedTime(graded, updated).TotalSeconds;
        metrics[MetricNames.StepTime] = Stopwatch.GetElapsedTime(start, updated).TotalSeconds;
        if (_checkpointSeconds is { } seconds)
        {
            metrics[MetricNames.CheckpointTime] = seconds;
            _checkpointSeconds = null;
        }

        _progress = _progress with { Step = step, TokenCount = tokens };

        var rollouts = groups.SelectMany((group, i) => group.Select((x, j) => ToRollout(step, i, j, x, advantages[i][j]))).ToArray();
        _artefacts.Append(rollouts);
        await onEvent(new RolloutsGraded(step, rollouts));
        await onEvent(new StepCompleted(step, context.TotalSteps, metrics));
        await WarnAsync(_health.After(step, metrics).Concat(_health.OfResults(step, groups)));
        return metrics;
    }

    private async Task WarnAsync(IEnumerable<HealthFinding> findings)
    {
        foreach (var finding in findings)
        {
            await onEvent(new JobWarning(finding.Code, finding.Message));
        }
    }

    private async Task<UpdateMetrics> UpdateAsync(int step, IReadOnlyList<GradedCompletion[]> groups, double[][] advantages, CancellationToken early, CancellationToken shutdown)
    {
        var rollouts = groups.SelectMany((group, i) => group.Select((x, j) => (Graded: x, Rollout: new TrainingRollout(x.Prompt.Ids, x.Completion.Tokens, x.Completion.LogProbabilities, advantages[i][j]))))
            .Where(x => TakesPart(x.Graded))
            .Select(x => x.Rollout)
            .ToArray();
        double rate = LearningRate.At(_h.Schedule, _h.LearningRate!.Value, step, context.TotalSteps, _h.WarmupSteps);
        var first = await _trainer.UpdateAsync(rollouts, rate, early);
        for (int i = 1; i < _h.UpdatesPerBatch; i++)
        {
            // Only the first update sees the policy that sampled, so its figures are the step's.
            await _trainer.UpdateAsync(rollouts, rate, shutdown);
        }

        return first;
    }

    private async Task<bool> ValidateAsync(SortedDictionary<string, double> metrics, CancellationToken shutdown)
    {
        var graded = await new Validator(await _trainer.Policy.CurrentAsync(shutdown), context.Reward, context.Compute).RunAsync(
            null, context.Data.Validation, SamplingOptions.Greedy(_h.InferenceMaxTokens!.Value), 1, _h.Seed, shutdown);
        GradingRules.RefuseMissingVerdicts($"the validation at step {_progress.Step}", [.. graded.Select(x => x[0])]);
        var validation = StepMetricsBuilder.OfValidation([.. graded.Select(x => x[0])], _h.AccuracyThreshold!.Value);
        _progress = _progress.Validated(validation);
        bool better = _progress.BestStep == _progress.Step;
        foreach (var (name, value) in validation)
        {
            metrics[name] = value;
        }

        _artefacts.Append(_progress.Step, metrics, context.Time.GetUtcNow());
        await onEvent(new ValidationCompleted(_progress.Step, validation, better));
        return better;
    }

    private async Task SaveAsync(bool isBest)
    {
        long start = Stopwatch.GetTimestamp();
        _progress = _progress with { FileLengths = _artefacts.Flush() };
        string path = await context.Checkpoints.WriteAsync(
            _progress, folder => context.Compute.RunAsync(WorkPriority.Training, () => state.Save(folder, context.ModelName)));
        _saved = _progress.Step;
        _checkpointSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await onEvent(new CheckpointWritten(_progress.Step, path, isBest, _checkpointSeconds.Value));
    }

    private void AddUpdate(SortedDictionary<string, double> metrics, int step, UpdateMetrics update, long tokens)
    {
        int perEpoch = StepPrompts.StepsPerEpoch(context.Data.Training.Count, _h);
        metrics[MetricNames.Loss] = update.Loss;
        metrics[MetricNames.Entropy] = update.Entropy;
        metrics[MetricNames.GradNorm] = update.GradNorm;
        metrics[MetricNames.ClipLow] = update.ClipLow;
        metrics[MetricNames.ClipHigh] = update.ClipHigh;
        metrics[MetricNames.LogProbabilityGap] = update.LogProbabilityGap;
        metrics[MetricNames.LearningRate] = LearningRate.At(_h.Schedule, _h.LearningRate!.Value, step, context.TotalSteps, _h.WarmupSteps);
        metrics[MetricNames.Epoch] = (double)step / perEpoch;
        metrics[MetricNames.TokenCount] = tokens;
        if (_h.KlCoefficient != 0)
        {
            metrics[MetricNames.Kl] = update.Kl;
        }
    }

    /// <summary>Whether a completion belongs to its group: it has a score, and is not masked.</summary>
    private bool TakesPart(GradedCompletion x) => x.Result.IsJudged && (x.Completion.Ended || !_h.MaskTruncatedCompletions);

    private static Rollout ToRollout(int step, int prompt, int sample, GradedCompletion x, double advantage) => new(
        step,
        prompt,
        sample,
        x.Prompt.Record.Id,
        x.Prompt.Record.Messages.Last(m => m.Role == "user").Content,
        x.Text,
        x.Completion.Tokens.Length,
        x.Completion.FinishReason,
        x.Result.IsJudged ? x.Result.Score : null,
        advantage,
        x.Prompt.Record.ReferenceAnswer is System.Text.Json.Nodes.JsonValue value && value.TryGetValue(out string? text) ? text : x.Prompt.Record.ReferenceAnswer?.ToJsonString(),
        x.Result.Metrics,
        x.Result.Error,
        x.Result.Output)
    {
        Unjudged = x.Result.Unjudged,
        Tokens = new(x.Prompt.Ids, x.Completion.Tokens, x.Completion.LogProbabilities),
    };
}
