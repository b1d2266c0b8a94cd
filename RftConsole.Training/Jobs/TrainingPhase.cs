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
public sealed record TrainingContext(
    LoadedModel Model, string ModelName, JobData Data, IRewardFunction Reward, Hyperparameters Hyperparameters, int TotalSteps, JobFolder Folder, CheckpointStore Checkpoints, ComputeThread Compute);

/// <summary>The third phase of a job: steps of rollouts, rewards, advantages and updates, with validations and checkpoints between them.</summary>
public sealed class TrainingPhase(TrainingContext context, PolicyState state, JobProgress progress, Func<JobEvent, ValueTask> onEvent)
{
    private readonly Hyperparameters _h = context.Hyperparameters;
    private readonly StepArtefacts _artefacts = new(context.Folder);
    private readonly StepHealth _health = new();
    private readonly PolicySampler _sampler = new(context.Model, state.Adapter, context.Compute);
    private readonly GrpoTrainer _trainer = new(
        context.Compute,
        context.Model,
        state.Adapter,
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

    /// <summary>Runs until the last step, an early stop, or <paramref name="stop"/>; returns the progress and, unless all steps were made, why not.</summary>
    /// <exception cref="RewardInfrastructureException">A reward could not be computed.</exception>
    /// <exception cref="UserInputException">More than half of a step's samples failed in the user's reward function.</exception>
    public async Task<(JobProgress Progress, string? EndedEarly)> RunAsync(CancellationToken stop, CancellationToken shutdown)
    {
        await using var sampler = _sampler;
        _artefacts.Begin(_progress.FileLengths);
        if (_progress.Step == 0 && context.Data.Validation.Count > 0)
        {
            await ValidateAsync(new SortedDictionary<string, double>(StringComparer.Ordinal), shutdown);
            foreach (var warning in StepHealth.OfBaseline(_progress.Baseline!))
            {
                await onEvent(warning);
            }
        }

        int saved = _progress.Step;

        // A run that ended early and is started again has nothing left to do.
        string? endedEarly = EarlyStop();
        while (_progress.Step < context.TotalSteps && endedEarly is null)
        {
            var metrics = await StepAsync(_progress.Step + 1, shutdown);
            bool last = _progress.Step == context.TotalSteps || stop.IsCancellationRequested;
            bool better = false;
            if (context.Data.Validation.Count > 0 && (last || _progress.Step % _h.EvalInterval!.Value == 0))
            {
                better = await ValidateAsync(metrics, shutdown);
            }
            else
            {
                _artefacts.Append(_progress.Step, metrics, DateTimeOffset.UtcNow);
            }

            if (stop.IsCancellationRequested)
            {
                endedEarly = $"Stopped after step {_progress.Step} of {context.TotalSteps}.";
            }
            else
            {
                endedEarly = EarlyStop();
            }

            if (better || last || endedEarly is not null || _progress.Step % _h.CheckpointInterval!.Value == 0)
            {
                await SaveAsync(better);
                saved = _progress.Step;
            }
        }

        Debug.Assert(saved == _progress.Step, "the last step is always kept");
        return (_progress, endedEarly);
    }

    private string? EarlyStop() =>
        _h.EarlyStopping && _progress.EvaluationsWithoutBetter >= _h.EarlyStoppingPatience && _progress.Step < context.TotalSteps
            ? $"Ended early after step {_progress.Step}: {_h.EarlyStoppingPatience} validations without a better reward than {_progress.Best![MetricNames.ValidationReward]:0.###}."
            : null;

    private async Task<SortedDictionary<string, double>> StepAsync(int step, CancellationToken shutdown)
    {
        long start = Stopwatch.GetTimestamp();
        var prompts = StepPrompts.Of(context.Data.Training, _h, step);
        var completions = await new BatchGenerator(context.Compute).GenerateAsync(
            await _sampler.ModelAsync(shutdown),
            null,
            [.. prompts.Select(x => x.Ids)],
            _h.TrainingSamplePerPrompt,
            new SamplingOptions(_h.Temperature, 1, _h.InferenceMaxTokens!.Value),
            (prompt, sample, token) => CounterRandom.Uniform((ulong)_h.Seed, RandomStream.Rollouts, (ulong)step, ((ulong)prompt << 32) | (uint)sample, (ulong)token),
            WorkPriority.Training,
            shutdown);
        long generated = Stopwatch.GetTimestamp();
        var groups = await Grading.GradeAsync(context.Model, prompts, completions, context.Reward, shutdown);
        long graded = Stopwatch.GetTimestamp();
        GradingRules.RefuseFailingReward($"step {step}", groups);
        GradingRules.RefuseMissingVerdicts($"step {step}", [.. groups.SelectMany(x => x)]);

        var advantages = Advantages.Of([.. groups.Select(x => x.Select(y => TakesPart(y) ? y.Result.Score : (double?)null).ToArray())], _h.AdvantageScaling);
        var update = await UpdateAsync(step, groups, advantages, shutdown);
        long updated = Stopwatch.GetTimestamp();

        var metrics = StepMetricsBuilder.OfRollouts(groups, _h.AccuracyThreshold!.Value);
        long tokens = _progress.TokenCount + groups.Sum(x => x.Sum(y => (long)y.Prompt.Ids.Length + y.Completion.Tokens.Length));
        AddUpdate(metrics, step, update, tokens);
        metrics[MetricNames.RolloutTime] = Stopwatch.GetElapsedTime(start, generated).TotalSeconds;
        metrics[MetricNames.RewardTime] = Stopwatch.GetElapsedTime(generated, graded).TotalSeconds;
        metrics[MetricNames.UpdateTime] = Stopwatch.GetElapsedTime(graded, updated).TotalSeconds;
        metrics[MetricNames.StepTime] = Stopwatch.GetElapsedTime(start, updated).TotalSeconds;
        _progress = _progress with { Step = step, TokenCount = tokens };

        var rollouts = groups.SelectMany((group, i) => group.Select((x, j) => ToRollout(step, i, j, x, advantages[i][j]))).ToArray();
        _artefacts.Append(rollouts);
        await onEvent(new RolloutsGraded(step, rollouts));
        await onEvent(new StepCompleted(step, context.TotalSteps, metrics));
        foreach (var warning in _health.After(metrics).Concat(_health.OfResults(groups)))
        {
            await onEvent(warning);
        }

        return metrics;
    }

    private async Task<UpdateMetrics> UpdateAsync(int step, IReadOnlyList<GradedCompletion[]> groups, double[][] advantages, CancellationToken shutdown)
    {
        var rollouts = groups.SelectMany((group, i) => group.Select((x, j) => (Graded: x, Rollout: new TrainingRollout(x.Prompt.Ids, x.Completion.Tokens, x.Completion.LogProbabilities, advantages[i][j]))))
            .Where(x => TakesPart(x.Graded))
            .Select(x => x.Rollout)
            .ToArray();
        double rate = LearningRate.At(_h.Schedule, _h.LearningRate!.Value, step, context.TotalSteps, _h.WarmupSteps);
        var first = await _trainer.UpdateAsync(rollouts, rate, shutdown);
        for (int i = 1; i < _h.UpdatesPerBatch; i++)
        {
            // Only the first update sees the policy that sampled, so its figures are the step's.
            await _trainer.UpdateAsync(rollouts, rate, shutdown);
        }

        _sampler.PolicyChanged();
        return first;
    }

    private async Task<bool> ValidateAsync(SortedDictionary<string, double> metrics, CancellationToken shutdown)
    {
        var graded = await new Validator(await _sampler.ModelAsync(shutdown), context.Reward, context.Compute).RunAsync(
            null, context.Data.Validation, SamplingOptions.Greedy(_h.InferenceMaxTokens!.Value), 1, _h.Seed, shutdown);
        GradingRules.RefuseMissingVerdicts($"the validation at step {_progress.Step}", [.. graded.Select(x => x[0])]);
        var validation = StepMetricsBuilder.OfValidation([.. graded.Select(x => x[0])], _h.AccuracyThreshold!.Value);
        _progress = _progress.Validated(validation);
        bool better = _progress.BestStep == _progress.Step;
        foreach (var (name, value) in validation)
        {
            metrics[name] = value;
        }

        _artefacts.Append(_progress.Step, metrics, DateTimeOffset.UtcNow);
        await onEvent(new ValidationCompleted(_progress.Step, validation, better));
        return better;
    }

    private async Task SaveAsync(bool isBest)
    {
        _progress = _progress with { FileLengths = _artefacts.Flush() };
        string path = await context.Checkpoints.WriteAsync(
            _progress, folder => context.Compute.RunAsync(WorkPriority.Training, () => state.Save(folder, context.ModelName)));
        await onEvent(new CheckpointWritten(_progress.Step, path, isBest));
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
    };
}
