using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api.Jobs;

/// <summary>Jobs as the API shows them, those of the wizard too.</summary>
internal sealed class JobReader(IDbContextFactory<ConsoleDbContext> contexts, IBaseModels baseModels, RunningJobs running, DataFolder folder, TimeProvider time)
{
    /// <summary>Newest first.</summary>
    /// <param name="metadata">What a job must have been created with.</param>
    /// <param name="page">What of the list is shown.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ListReply<JobObject>> ListAsync(IReadOnlyDictionary<string, string> metadata, ApiPage page, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<JobRow> rows = await context.Jobs.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.QueueNumber).ToListAsync(cancellationToken);
        ListReply<JobRow> shown = page.Take<JobRow>([.. rows.Where(row => Matches(row, metadata))], row => row.Id);
        List<JobObject> objects = [];
        foreach (JobRow row in shown.Data)
        {
            objects.Add(await ToObjectAsync(context, row, cancellationToken));
        }

        return new(shown.Object, objects, shown.HasMore, shown.FirstId, shown.LastId);
    }

    /// <exception cref="ApiException">There is no such job.</exception>
    public async Task<JobObject> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ToObjectAsync(context, await RequireAsync(context, id, cancellationToken), cancellationToken);
    }

    /// <summary>The row of a job.</summary>
    /// <exception cref="ApiException">There is no such job.</exception>
    public static async Task<JobRow> RequireAsync(ConsoleDbContext context, string id, CancellationToken cancellationToken) =>
        await context.Jobs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) ?? throw ApiException.NotFound("fine-tuning job", id, "fine_tuning_job_id");

    /// <summary>A job's status by the API's names.</summary>
    public static string StatusOf(JobRow row) => row.Status switch
    {
        JobStatus.Queued => "queued",
        JobStatus.InProgress => JobMapping.Phases(row)[JobPhase.Validation] is PhaseStatus.NotStarted or PhaseStatus.InProgress ? "validating_files" : "running",
        JobStatus.Paused => "paused",
        JobStatus.Completed => "succeeded",
        JobStatus.Failed => "failed",
        JobStatus.Stopping or JobStatus.Stopped => "cancelled",
        _ => throw new InvalidOperationException($"The API has no name for {row.Status}."),
    };

    private static bool Matches(JobRow row, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
        {
            return true;
        }

        // The tags of the job's author: those that people give it on the pages afterwards are their own.
        IReadOnlyDictionary<string, string> tags = StoredJson.Read<JobSpecification>(row.SpecificationJson).Tags;
        return metadata.All(pair => tags.TryGetValue(pair.Key, out string? value) && value == pair.Value);
    }

    private async Task<JobObject> ToObjectAsync(ConsoleDbContext context, JobRow row, CancellationToken cancellationToken)
    {
        row = JobMapping.Readable(row, new(folder.JobFolder(row.Id)));
        JobSpecification specification = StoredJson.Read<JobSpecification>(row.SpecificationJson);
        ApiJobRow? asked = await context.ApiJobs.AsNoTracking().SingleOrDefaultAsync(job => job.JobId == row.Id, cancellationToken);
        string? model = row.ModelId is null ? null : await context.Models.Where(entry => entry.Id == row.ModelId).Select(entry => entry.Name).SingleOrDefaultAsync(cancellationToken);
        JobPlanned? plan = StoredJson.ReadOptional<JobPlanned>(row.PlanJson);
        Hyperparameters hyperparameters = plan?.Hyperparameters ?? specification.Hyperparameters;
        JsonObject shown = HyperparameterReader.Write(hyperparameters, await MultiplierAsync(hyperparameters, row, plan, cancellationToken));
        return new(
            row.Id,
            "fine_tuning.job",
            row.BaseModel,
            row.CreatedAt.ToUnixTimeSeconds(),
            row.Status == JobStatus.Paused ? null : row.FinishedAt?.ToUnixTimeSeconds(),
            row.Status == JobStatus.InProgress && row.TotalSteps > 0 && running.Find(row.Id)?.Clock.TimeLeft(row.TotalSteps - row.StepsDone) is { } left ? EstimatedFinish(left) : null,
            model,
            "rftconsole",
            [],
            StatusOf(row),
            row.TrainingDataSetId ?? specification.TrainingData.SampleData,
            row.ValidationDataSetId,
            await TrainedTokensAsync(context, row.Id, cancellationToken),
            shown,
            asked is null ? MethodOf(row, specification, shown) : JsonNode.Parse(asked.MethodJson)!,
            specification.Hyperparameters.Seed,
            asked?.Suffix,
            [],
            specification.Tags,
            row.Message is { } message && row.Status is JobStatus.Failed or JobStatus.Paused ? new(row.Status == JobStatus.Failed ? "job_failed" : "job_paused", message, null) : null);
    }

    /// <summary>A whole second that is still to come: a published client waits until then, and cannot wait for what has passed.</summary>
    private long EstimatedFinish(TimeSpan left) => (time.GetUtcNow() + left).ToUnixTimeSeconds() + 2;

    private async Task<double?> MultiplierAsync(Hyperparameters hyperparameters, JobRow row, JobPlanned? plan, CancellationToken cancellationToken)
    {
        if (hyperparameters.LearningRate is not { } rate || (await baseModels.ListAsync(cancellationToken)).FirstOrDefault(model => model.Name == row.BaseModel)?.Config is not { } config)
        {
            return null;
        }

        return Math.Round(rate / HyperparameterRules.Resolve(new(), config, plan?.TrainingPrompts ?? 1).LearningRate!.Value, 6);
    }

    private static async Task<long?> TrainedTokensAsync(ConsoleDbContext context, string id, CancellationToken cancellationToken)
    {
        JobMetricRow? last = await context.Metrics.AsNoTracking().Where(metric => metric.JobId == id && metric.Step > 0).OrderByDescending(metric => metric.Step).FirstOrDefaultAsync(cancellationToken);
        return last is not null && JobMapping.ToMetrics(last).Values.TryGetValue(MetricNames.TokenCount, out double tokens) ? (long)tokens : null;
    }

    /// <summary>What a job of the wizard would have been made with. A grader that the API has no word for is shown as job files have it.</summary>
    private static JsonObject MethodOf(JobRow row, JobSpecification specification, JsonObject hyperparameters)
    {
        RewardFunctionSpecification reward = specification.RewardFunction;
        JsonObject grader = new()
        {
            ["type"] = "lambda",
            ["lambda"] = new JsonObject { ["function"] = reward.FunctionName ?? reward.Template ?? row.RewardName },
        };
        return new()
        {
            ["type"] = "reinforcement",
            ["reinforcement"] = new JsonObject { ["grader"] = grader, ["hyperparameters"] = hyperparameters.DeepClone() },
        };
    }
}
