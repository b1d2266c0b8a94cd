using System.Globalization;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Web.Notifications;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>
/// Stores the events of one run of one job. A step is one transaction, done before the engine goes on: the engine writes a step's checkpoint
/// after its metrics, so a resume from that checkpoint never misses a step here, whenever the process dies.
/// </summary>
internal sealed class JobRecorder(string jobId, RowTexts texts, IDbContextFactory<ConsoleDbContext> contexts, NotificationStore notifications, ChangeFeed feed, StepClock clock, TimeProvider time)
{
    public const string RewardKey = "eval/reward";
    public const string AccuracyKey = "eval/accuracy";
    private const string ValidationPrefix = "eval/";

    private RolloutsGraded? _pending;
    private bool _news;

    public async ValueTask RecordAsync(JobEvent happened)
    {
        if (happened is RolloutsGraded rollouts)
        {
            _pending = rollouts;
            return;
        }

        await using (ConsoleDbContext context = await contexts.CreateDbContextAsync())
        await using (var transaction = await context.Database.BeginTransactionAsync())
        {
            JobRow job = await context.Jobs.SingleAsync(row => row.Id == jobId);
            await ApplyAsync(context, job, happened);
            await context.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        feed.Publish(ChangeTopic.Jobs, jobId);
        if (_news)
        {
            _news = false;
            notifications.Publish();
        }
    }

    private async Task ApplyAsync(ConsoleDbContext context, JobRow job, JobEvent happened)
    {
        switch (happened)
        {
            case PhaseChanged change:
                Dictionary<JobPhase, PhaseStatus> phases = JobMapping.Phases(job);
                phases[change.Phase] = change.Status;
                job.PhasesJson = StoredJson.Write(phases);
                break;
            case JobPlanned plan:
                clock.Restart();
                await RollBackAsync(context, job, plan);
                break;
            case StepCompleted step:
                clock.StepDone();
                await StoreRolloutsAsync(context, step.Step);
                await MergeMetricsAsync(context, step.Step, step.Metrics);
                job.StepsDone = step.Step;
                job.TotalSteps = step.TotalSteps;
                break;
            case ValidationCompleted validation:
                await StoreValidationAsync(context, job, validation);
                break;
            case CheckpointWritten checkpoint:
                AddLine(context, "Information", $"Checkpoint of step {checkpoint.Step} written in {checkpoint.Seconds.ToString("0.00", CultureInfo.InvariantCulture)} s{(checkpoint.IsBest ? ", the best so far" : "")}.");
                break;
            case JobWarning warning:
                string kept = AddLine(context, "Warning", warning.Message);
                _news |= await notifications.AddWarningAsync(context, jobId, warning, kept);
                break;
            case CallsRefused refused:
                await CountRefusedAsync(context, refused.Call);
                break;
            case JobLog line:
                AddLine(context, "Information", line.Message);
                break;
            case JobFinished:
                // The runner acts on the value that the run returns; the event is the same record.
                break;
            default:
                throw new InvalidOperationException($"The console does not know the event {happened.GetType().Name}.");
        }
    }

    /// <summary>Steps after the checkpoint are void: they come again. So is the validation that closed a run at a step where none was due.</summary>
    private async Task RollBackAsync(ConsoleDbContext context, JobRow job, JobPlanned plan)
    {
        int kept = plan.ResumedFromStep ?? -1;
        await context.Metrics.Where(row => row.JobId == jobId && row.Step > kept).ExecuteDeleteAsync();
        await context.Rollouts.Where(row => row.JobId == jobId && row.Step > kept).ExecuteDeleteAsync();
        await context.RolloutTokens.Where(row => row.JobId == jobId && row.Step > kept).ExecuteDeleteAsync();
        if (kept > 0 && plan.Hyperparameters.EvalInterval is { } interval && kept % interval != 0 && await context.Metrics.FindAsync(jobId, kept) is { } last)
        {
            last.ValuesJson = StoredJson.Write(StoredJson.Read<Dictionary<string, double>>(last.ValuesJson).Where(value => !value.Key.StartsWith(ValidationPrefix, StringComparison.Ordinal)).ToDictionary());
            await context.SaveChangesAsync();
        }

        job.PlanJson = texts.Seal(JobMapping.PlanPlace(jobId), StoredJson.Write(plan));
        job.TotalSteps = plan.TotalSteps;
        job.StepsDone = plan.ResumedFromStep ?? 0;
        List<JobMetricRow> remaining = await context.Metrics.AsNoTracking().Where(row => row.JobId == jobId).OrderBy(row => row.Step).ToListAsync();
        job.BestAccuracy = BestAccuracy(remaining.Select(JobMapping.ToMetrics));
        if (plan.ResumedFromStep is null)
        {
            job.BaselineAccuracy = null;
        }
    }

    private async Task StoreRolloutsAsync(ConsoleDbContext context, int step)
    {
        if (_pending is not { } graded || graded.Step != step)
        {
            return;
        }

        await context.Rollouts.Where(row => row.JobId == jobId && row.Step == step).ExecuteDeleteAsync();
        await context.RolloutTokens.Where(row => row.JobId == jobId && row.Step == step).ExecuteDeleteAsync();
        context.Rollouts.AddRange(graded.Rollouts.Select(rollout => JobMapping.ToRow(jobId, rollout, texts)));
        context.RolloutTokens.AddRange(graded.Rollouts.Select(rollout => JobMapping.ToTokensRow(jobId, rollout, texts)).OfType<RolloutTokensRow>());
        _pending = null;
    }

    private async Task MergeMetricsAsync(ConsoleDbContext context, int step, IReadOnlyDictionary<string, double> values)
    {
        JobMetricRow? row = await context.Metrics.FindAsync(jobId, step);
        if (row is null)
        {
            context.Metrics.Add(new() { JobId = jobId, Step = step, Time = time.GetUtcNow(), ValuesJson = StoredJson.Write(values) });
            return;
        }

        Dictionary<string, double> merged = StoredJson.Read<Dictionary<string, double>>(row.ValuesJson);
        foreach ((string name, double value) in values)
        {
            merged[name] = value;
        }

        row.ValuesJson = StoredJson.Write(merged);
    }

    private async Task StoreValidationAsync(ConsoleDbContext context, JobRow job, ValidationCompleted validation)
    {
        await MergeMetricsAsync(context, validation.Step, validation.Metrics);
        double? accuracy = validation.Metrics.TryGetValue(AccuracyKey, out double value) ? value : null;
        if (validation.Step == 0)
        {
            clock.Restart();
            job.BaselineAccuracy = accuracy;
        }
        else if (validation.IsBest)
        {
            job.BestAccuracy = accuracy;
        }
    }

    /// <summary>The log tells of each place once; the list counts.</summary>
    private async Task CountRefusedAsync(ConsoleDbContext context, RefusedCall call)
    {
        if (await context.RefusedCalls.FindAsync(jobId, call.Host, call.Caller) is { } row)
        {
            (row.Count, row.LastTime) = (row.Count + call.Count, call.Time);
            return;
        }

        context.RefusedCalls.Add(new() { JobId = jobId, Host = call.Host, Caller = call.Caller, LastTime = call.Time, Count = call.Count });
        AddLine(context, "Warning", call.Sentence);
    }

    private string AddLine(ConsoleDbContext context, string level, string message)
    {
        string kept = texts.SealOr(JobMapping.LogPlace(jobId), message, "This line could not be encrypted, because the job's key is locked or lost.");
        context.LogLines.Add(new() { JobId = jobId, Time = time.GetUtcNow(), Level = level, Message = kept });
        return kept;
    }

    /// <summary>The accuracy at the last of the highest validation rewards, the base model's (step 0) left out: the engine counts so too.</summary>
    internal static double? BestAccuracy(IEnumerable<StepMetrics> steps)
    {
        StepMetrics? best = steps.Where(step => step.Step > 0 && step.Values.ContainsKey(RewardKey)).OrderBy(step => step.Values[RewardKey]).ThenBy(step => step.Step).LastOrDefault();
        return best is not null && best.Values.TryGetValue(AccuracyKey, out double accuracy) ? accuracy : null;
    }
}
