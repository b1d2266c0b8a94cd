using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api.Jobs;

/// <summary>What happened to a job, and its checkpoints, as the API shows them.</summary>
internal sealed class JobEventReader(IDbContextFactory<ConsoleDbContext> contexts, IJobs jobs, DataFolder folder)
{
    private const string Information = "info";

    /// <summary>Newest first.</summary>
    /// <exception cref="ApiException">There is no such job.</exception>
    public async Task<ListReply<JobEventObject>> EventsAsync(string id, ApiPage page, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        RowTexts texts = new(folder.JobFolder(id));
        JobRow job = JobMapping.Readable(await JobReader.RequireAsync(context, id, cancellationToken), texts);
        List<JobLogRow> lines = await context.LogLines.AsNoTracking().Where(line => line.JobId == id).ToListAsync(cancellationToken);
        List<JobMetricRow> steps = await context.Metrics.AsNoTracking().Where(step => step.JobId == id && step.Step > 0).OrderBy(step => step.Step).ToListAsync(cancellationToken);
        Dictionary<int, double> advantages = await context.Rollouts.Where(rollout => rollout.JobId == id).GroupBy(rollout => rollout.Step)
            .Select(group => new { group.Key, Mean = group.Average(rollout => rollout.Advantage) }).ToDictionaryAsync(group => group.Key, group => group.Mean, cancellationToken);
        string? asked = await context.ApiJobs.Where(row => row.JobId == id).Select(row => row.AskedModel).SingleOrDefaultAsync(cancellationToken);

        List<(DateTimeOffset Time, JobEventObject Event)> all =
        [
            (job.CreatedAt, Message(job, "created", job.CreatedAt, Information, $"Created fine-tuning job: {id}")),
            .. asked is null || job.InitialModelId is not null ? [] : ((DateTimeOffset, JobEventObject)[])[(job.CreatedAt, Message(job, "model", job.CreatedAt, "warn", $"There is no model {asked} on this console: {job.BaseModel} stands in for it. Register a base model under that name to use it."))],
            .. job.StartedAt is { } started ? ((DateTimeOffset, JobEventObject)[])[(started, Message(job, "started", started, Information, "Fine-tuning job started"))] : [],
            .. lines.Select(line => (line.Time, Message(job, $"log-{line.Id}", line.Time, line.Level == "Warning" ? "warn" : line.Level == "Error" ? "error" : Information, texts.OpenOrSay(JobMapping.LogPlace(id), line.Message)))),
            .. Metrics(job, steps, advantages),
            .. job.FinishedAt is { } ended ? ((DateTimeOffset, JobEventObject)[])[(ended, Message(job, $"ended-{ended.ToUnixTimeSeconds()}", ended, job.Status == JobStatus.Failed ? "error" : Information, Ending(job)))] : [],
        ];
        // The sort is stable: what happened at one instant stays in the order in which it happened.
        JobEventObject[] sorted = [.. all.OrderBy(entry => entry.Time).Select(entry => entry.Event).Reverse()];
        return page.Take(sorted, entry => entry.Id);
    }

    /// <summary>Newest first.</summary>
    /// <exception cref="ApiException">There is no such job.</exception>
    public async Task<ListReply<CheckpointObject>> CheckpointsAsync(string id, ApiPage page, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        JobRow job = await JobReader.RequireAsync(context, id, cancellationToken);
        CustomModelRow? model = job.ModelId is null ? null : await context.Models.AsNoTracking().SingleOrDefaultAsync(row => row.Id == job.ModelId, cancellationToken);
        IEnumerable<int> steps = model is not null
            ? StoredJson.Read<List<KeptCheckpoint>>(model.CheckpointsJson).Select(checkpoint => checkpoint.Step)
            : (await jobs.FindAsync(id, cancellationToken))?.Storage.Checkpoints.Select(checkpoint => checkpoint.Step) ?? [];
        Dictionary<int, JobMetricRow> metrics = await context.Metrics.AsNoTracking().Where(row => row.JobId == id).ToDictionaryAsync(row => row.Step, cancellationToken);
        CheckpointObject[] all = [.. steps.Distinct().OrderDescending().Select(step => ToCheckpoint(job, model?.Name ?? job.CustomModelName, step, metrics.GetValueOrDefault(step)))];
        return page.Take(all, checkpoint => checkpoint.Id);
    }

    private static IEnumerable<(DateTimeOffset Time, JobEventObject Event)> Metrics(JobRow job, List<JobMetricRow> steps, Dictionary<int, double> advantages)
    {
        DateTimeOffset time = job.StartedAt ?? job.CreatedAt;
        foreach (JobMetricRow row in steps)
        {
            StepMetrics metrics = JobMapping.ToMetrics(row);
            if (!metrics.Values.ContainsKey(MetricNames.Reward))
            {
                continue;
            }

            time = row.Time ?? time;
            yield return (time, new(
                EventId(job, FormattableString.Invariant($"step-{row.Step}")),
                "fine_tuning.job.event",
                time.ToUnixTimeSeconds(),
                Information,
                FormattableString.Invariant($"Step {row.Step}/{job.TotalSteps}: reward={metrics.Values[MetricNames.Reward]:0.####}"),
                "metrics",
                Data(job, metrics, advantages.GetValueOrDefault(row.Step))));
        }
    }

    /// <summary>The names that the original's notebooks draw, then ours.</summary>
    private static JsonObject Data(JobRow job, StepMetrics metrics, double advantage)
    {
        JsonObject data = new()
        {
            ["step"] = metrics.Step,
            ["total_steps"] = job.TotalSteps,
            ["critic_rewards_mean"] = Number(metrics, MetricNames.Reward),
            ["actor_pg_loss"] = Number(metrics, MetricNames.Loss),
            ["actor_entropy"] = Number(metrics, MetricNames.Entropy),
            ["actor_grad_norm"] = Number(metrics, MetricNames.GradNorm),
            ["critic_advantages_mean"] = double.IsFinite(advantage) ? advantage : null,
            ["response_length_mean"] = Number(metrics, MetricNames.MeanLength),
        };
        AddAll(data, metrics);
        return data;
    }

    private static void AddAll(JsonObject data, StepMetrics metrics)
    {
        foreach (string name in metrics.Values.Keys.Where(name => !data.ContainsKey(name)))
        {
            data[name] = Number(metrics, name);
        }
    }

    /// <summary>JSON has no infinite numbers.</summary>
    private static JsonValue? Number(StepMetrics metrics, string name) => metrics.Values.TryGetValue(name, out double value) && double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static CheckpointObject ToCheckpoint(JobRow job, string modelName, int step, JobMetricRow? row)
    {
        JsonObject data = new() { ["step"] = step };
        if (row is not null)
        {
            StepMetrics metrics = JobMapping.ToMetrics(row);
            data["train_loss"] = Number(metrics, MetricNames.Loss);
            data["train_reward_mean"] = Number(metrics, MetricNames.Reward);
            data["full_valid_reward_mean"] = Number(metrics, MetricNames.ValidationReward);
            AddAll(data, metrics);
        }

        return new(
            FormattableString.Invariant($"ftckpt-{job.Id}-{step}"),
            "fine_tuning.job.checkpoint",
            (row?.Time ?? job.FinishedAt ?? job.StartedAt ?? job.CreatedAt).ToUnixTimeSeconds(),
            ServedModels.CheckpointName(modelName, step),
            job.Id,
            step,
            data);
    }

    private static string Ending(JobRow job) => job.Status switch
    {
        JobStatus.Completed => "The job has successfully completed",
        JobStatus.Failed => $"The job failed: {job.Message}",
        JobStatus.Paused => $"The job is paused: {job.Message}",
        _ => job.Message is null ? "The job was cancelled" : $"The job was cancelled: {job.Message}",
    };

    private static JobEventObject Message(JobRow job, string key, DateTimeOffset time, string level, string message) =>
        new(EventId(job, key), "fine_tuning.job.event", time.ToUnixTimeSeconds(), level, message, "message", null);

    private static string EventId(JobRow job, string key) => string.Create(CultureInfo.InvariantCulture, $"ftevent-{job.Id}-{key}");
}
