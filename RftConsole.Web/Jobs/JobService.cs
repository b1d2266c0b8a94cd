using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Storage;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>Jobs as the pages see them, over the database; the runner does the work.</summary>
internal sealed class JobService(
    IDbContextFactory<ConsoleDbContext> contexts,
    IJobEngine engine,
    IModelNames names,
    JobControl control,
    JobSummaries summaries,
    RewardCurves curves,
    JobDisk disk,
    IRollouts rollouts,
    RunningJobs running,
    ChangeFeed feed,
    DataFolder folder,
    EncryptionKeys keys,
    TimeProvider time) : IJobs
{
    /// <summary>The page shows the end of a long log; the whole of it is in the job's folder.</summary>
    private const int LogLines = 1000;

    public Task<IReadOnlyList<JobSummary>> ListAsync(CancellationToken cancellationToken = default) => summaries.AllAsync(cancellationToken);

    public async Task<JobDetails?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        JobRow? row = await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
        if (row is null)
        {
            return null;
        }

        List<JobLogRow> log = await context.LogLines.AsNoTracking().Where(line => line.JobId == id).OrderByDescending(line => line.Id).Take(LogLines).ToListAsync(cancellationToken);
        JobSummary summary = summaries.Of(row, row.Status == JobStatus.Queued ? await JobQueue.PositionsAsync(context, cancellationToken) : []);
        JobStorage storage = disk.Describe(id);
        if (row is { Status: JobStatus.Completed or JobStatus.Stopped, ModelId: { } modelId } && await context.Models.FindAsync([modelId], cancellationToken) is { } model)
        {
            // The validation that ends a job comes after its last checkpoint, which therefore does not know of it.
            storage = storage with { BestStep = model.BestStep };
        }

        List<RefusedCallRow> refused = await context.RefusedCalls.AsNoTracking().Where(call => call.JobId == id).OrderByDescending(call => call.LastTime).ToListAsync(cancellationToken);
        return JobMapping.ToDetails(row, new(folder.JobFolder(id)), summary, Enumerable.Reverse(log), folder.JobFolder(id), storage) with { EncryptionKey = WrappedKey.Read(folder.JobFolder(id))?.Key, RefusedCalls = [.. refused.Select(JobMapping.ToRefusedCall)] };
    }

    public async Task<string> CreateAsync(JobSpecification specification, CancellationToken cancellationToken = default)
    {
        JobSpecification complete = SpecificationCheck.Complete(specification, names);
        string modelName = complete.CustomModelName!;
        string id = NewId.Create();
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await RequireFreeNamesAsync(context, complete.Name, modelName, cancellationToken);
        complete = await KeepInputsAsync(complete, id, cancellationToken);
        (string Id, int Version)? training = folder.DataSetOf(specification.TrainingData.File);
        (string Id, int Version)? validation = folder.DataSetOf(specification.ValidationData?.File);
        context.Jobs.Add(new()
        {
            Id = id,
            Name = complete.Name,
            CustomModelName = modelName,
            BaseModel = complete.BaseModel,
            RewardName = JobMapping.RewardName(specification.RewardFunction),
            Status = JobStatus.Queued,
            QueueNumber = await JobQueue.NextNumberAsync(context, cancellationToken),
            SpecificationJson = StoredJson.Write(complete),
            CreatedAt = time.GetUtcNow(),
            TagsJson = StoredJson.Write(complete.Tags),
            TrainingDataSetId = training?.Id,
            TrainingDataSetVersion = training?.Version,
            ValidationDataSetId = validation?.Id,
            ValidationDataSetVersion = validation?.Version,
            InitialModelId = folder.ModelIdOf(specification.InitialAdapter),
        });
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            DeleteFolder(id);
            // Two wizards can pass the check above at once; the index lets one of them through.
            await using ConsoleDbContext again = await contexts.CreateDbContextAsync(cancellationToken);
            await RequireFreeNamesAsync(again, complete.Name, modelName, cancellationToken);
            throw;
        }

        running.Wake();
        feed.Publish(ChangeTopic.Jobs, id);
        return id;
    }

    public Task StopAsync(string id, CancellationToken cancellationToken = default) => control.StopAsync(id, cancellationToken);

    public Task PauseAsync(string id, CancellationToken cancellationToken = default) => control.PauseAsync(id, cancellationToken);

    public Task ResumeAsync(string id, CancellationToken cancellationToken = default) => control.ResumeAsync(id, cancellationToken);

    public Task ProlongAsync(string id, JobExtension extension, CancellationToken cancellationToken = default) => control.ProlongAsync(id, extension, cancellationToken);

    public Task MoveAsync(string id, QueueMove move, CancellationToken cancellationToken = default) => control.MoveAsync(id, move, cancellationToken);

    public Task<long> FreeSpaceAsync(string id, CancellationToken cancellationToken = default) => control.FreeSpaceAsync(id, cancellationToken);

    public Task ChangeTagsAsync(string id, TagChange change, CancellationToken cancellationToken = default) => control.ChangeTagsAsync(id, change, cancellationToken);

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await control.DeleteAsync(id, cancellationToken);
        curves.Forget(id);
    }

    public async Task<IReadOnlyList<StepMetrics>> MetricsAsync(string id, int afterStep = -1, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<JobMetricRow> rows = await context.Metrics.AsNoTracking().Where(row => row.JobId == id && row.Step > afterStep).OrderBy(row => row.Step).ToListAsync(cancellationToken);
        return [.. rows.Select(JobMapping.ToMetrics)];
    }

    public Task<IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>>> RewardCurvesAsync(IReadOnlyCollection<JobSummary> jobs, CancellationToken cancellationToken = default) =>
        curves.ReadAsync(jobs, cancellationToken);

    public Task<RolloutPage> RolloutsAsync(RolloutQuery query, CancellationToken cancellationToken = default) => rollouts.PageAsync(query, cancellationToken);

    public Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken = default) =>
        engine.EstimateAsync(specification, cancellationToken);

    public IDisposable Subscribe(string? jobId, Func<Task> changed) => feed.Subscribe(ChangeTopic.Jobs, jobId, changed);

    /// <summary>Encrypts the job's folder, where it is to be, and copies into it what the job reads.</summary>
    /// <exception cref="UserInputException">There is no such key, it cannot be used now, or an encrypted data set would be copied as it is.</exception>
    private async Task<JobSpecification> KeepInputsAsync(JobSpecification job, string id, CancellationToken cancellationToken)
    {
        try
        {
            if (job.Encryption is { } encryption)
            {
                await SealedFolders.CreateAsync(folder.JobFolder(id), keys.Store, encryption.Key, cancellationToken);
            }
            else if (new[] { job.TrainingData.File, job.ValidationData?.File, job.InitialAdapter }.OfType<string>().FirstOrDefault(VaultFiles.IsEncrypted) is { } source)
            {
                throw new UserInputException($"{(source == job.InitialAdapter ? "the model that training goes on from" : Path.GetFileName(source))} is encrypted: choose a key for the job too, or its copy of it could be read by anyone who reads this disk");
            }
        }
        catch (UserInputException refused)
        {
            throw new FieldInputException("encryption", $"Encryption: {refused.Message}");
        }

        try
        {
            return JobInputs.Keep(job, folder.JobFolder(id));
        }
        catch
        {
            DeleteFolder(id);
            throw;
        }
    }

    private static async Task RequireFreeNamesAsync(ConsoleDbContext context, string name, string modelName, CancellationToken cancellationToken)
    {
        if (await context.Jobs.AnyAsync(row => row.Name == name, cancellationToken))
        {
            throw new FieldInputException("name", $"Job name: there is a job \"{name}\" already; choose another name.");
        }

        // A model's name is promised to its job until that job is deleted.
        if (await context.Models.AnyAsync(row => row.Name == modelName, cancellationToken)
            || await context.Jobs.AnyAsync(row => EF.Functions.Collate(row.CustomModelName, "NOCASE") == modelName, cancellationToken))
        {
            throw new FieldInputException("customModelName", $"Custom model name: \"{modelName}\" is taken; choose another name.");
        }
    }

    private void DeleteFolder(string id)
    {
        string path = folder.JobFolder(id);
        SealedFolders.Destroy(path);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
