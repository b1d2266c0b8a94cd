using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Web.Notifications;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>What can be done to a job. Each status changes by one conditional update, so that two pages that act at once cannot contradict each other.</summary>
internal sealed class JobControl(IDbContextFactory<ConsoleDbContext> contexts, RunningJobs running, ChangeFeed feed, DataFolder folder, JobDisk disk, NotificationStore notifications, TimeProvider time)
{
    /// <inheritdoc cref="IJobs.StopAsync"/>
    public async Task StopAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        bool ended = await EndQueuedAsync(context, id, JobStatus.Stopped, "Stopped while it was queued.", cancellationToken);
        int stopping = ended ? 0 : await context.Jobs.Where(row => row.Id == id && row.Status == JobStatus.InProgress).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.Status, JobStatus.Stopping).SetProperty(row => row.StopRequested, true).SetProperty(row => row.PauseRequested, false),
            cancellationToken);
        if (!ended && stopping == 0)
        {
            JobRow job = await RequireAsync(context, id, cancellationToken);
            if (job.Status != JobStatus.Stopping)
            {
                throw new UserInputException($"The job \"{job.Name}\" cannot be stopped: it is {Describe(job.Status)}.");
            }
        }

        if (ended)
        {
            await notifications.AddEndAsync(context, id, JobStatus.Stopped, null, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            notifications.Publish();
        }

        running.Find(id)?.RequestStop();
        feed.Publish(ChangeTopic.Jobs, id);
    }

    /// <inheritdoc cref="IJobs.PauseAsync"/>
    public async Task PauseAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        bool ended = await EndQueuedAsync(context, id, JobStatus.Paused, "Paused while it was queued.", cancellationToken);
        int pausing = ended ? 0 : await context.Jobs.Where(row => row.Id == id && row.Status == JobStatus.InProgress).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.PauseRequested, true),
            cancellationToken);
        if (!ended && pausing == 0)
        {
            JobRow job = await RequireAsync(context, id, cancellationToken);
            throw new UserInputException($"The job \"{job.Name}\" cannot be paused: it is {Describe(job.Status)}.");
        }

        running.Find(id)?.RequestPause();
        feed.Publish(ChangeTopic.Jobs, id);
    }

    /// <inheritdoc cref="IJobs.ResumeAsync"/>
    public async Task ResumeAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await QueueAgainAsync(context, id, [JobStatus.Stopped, JobStatus.Paused, JobStatus.Failed], cancellationToken))
        {
            JobRow job = await RequireAsync(context, id, cancellationToken);
            throw new UserInputException($"The job \"{job.Name}\" cannot be resumed: it is {Describe(job.Status)}.");
        }
    }

    /// <inheritdoc cref="IJobs.ProlongAsync"/>
    public async Task ProlongAsync(string id, JobExtension extension, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        JobRow job = await RequireAsync(context, id, cancellationToken);
        JobSpecification longer = extension.Apply(StoredJson.Read<JobSpecification>(job.SpecificationJson), JobMapping.Plan(job, new(folder.JobFolder(id))), job.StepsDone);
        string written = StoredJson.Write(longer);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Jobs.Where(row => row.Id == id).ExecuteUpdateAsync(update => update.SetProperty(row => row.SpecificationJson, written), cancellationToken);
        if (!await QueueAgainAsync(context, id, [JobStatus.Completed, JobStatus.Stopped, JobStatus.Paused, JobStatus.Failed], cancellationToken))
        {
            throw new UserInputException($"The job \"{job.Name}\" cannot be made longer: it is {Describe(job.Status)}.");
        }

        await transaction.CommitAsync(cancellationToken);
        running.Wake();
        feed.Publish(ChangeTopic.Jobs, id);
    }

    /// <inheritdoc cref="IJobs.MoveAsync"/>
    public async Task MoveAsync(string id, QueueMove move, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await JobQueue.MoveAsync(context, id, move, cancellationToken))
        {
            JobRow job = await RequireAsync(context, id, cancellationToken);
            throw new UserInputException($"The job \"{job.Name}\" does not wait any more: it is {Describe(job.Status)}.");
        }

        await context.SaveChangesAsync(cancellationToken);
        feed.Publish(ChangeTopic.Jobs);
    }

    /// <inheritdoc cref="IJobs.FreeSpaceAsync"/>
    public async Task<long> FreeSpaceAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        JobRow job = await RequireAsync(context, id, cancellationToken);
        if (job.Status is JobStatus.InProgress or JobStatus.Stopping)
        {
            throw new UserInputException($"The job \"{job.Name}\" is {Describe(job.Status)}: pause or stop it before you free its space.");
        }

        long freed = disk.Free(id);
        feed.Publish(ChangeTopic.Jobs, id);
        return freed;
    }

    /// <inheritdoc cref="IJobs.ChangeTagsAsync"/>
    public async Task ChangeTagsAsync(string id, TagChange change, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        int written = 0;
        // Two pages may change tags at once: each change is made to what the other left.
        while (written == 0)
        {
            string before = (await RequireAsync(context, id, cancellationToken)).TagsJson;
            Dictionary<string, string> tags = change.Apply(StoredJson.Read<Dictionary<string, string>>(before));
            SpecificationCheck.RequireTags(tags);
            string after = StoredJson.Write(tags);
            written = await context.Jobs.Where(row => row.Id == id && row.TagsJson == before).ExecuteUpdateAsync(update => update.SetProperty(row => row.TagsJson, after), cancellationToken);
        }

        feed.Publish(ChangeTopic.Jobs, id);
    }

    /// <inheritdoc cref="IJobs.DeleteAsync"/>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        // Metrics, rollouts and log go with the row, and the custom model forgets its job: the foreign keys say so.
        int deleted = await context.Jobs
            .Where(row => row.Id == id && row.Status != JobStatus.InProgress && row.Status != JobStatus.Stopping)
            .ExecuteDeleteAsync(cancellationToken);
        if (deleted == 0)
        {
            JobRow job = await RequireAsync(context, id, cancellationToken);
            throw new UserInputException($"The job \"{job.Name}\" is {Describe(job.Status)}: stop it before you delete it.");
        }

        disk.Forget(id);
        // First of all: from here on nobody can read what copies of it there may be.
        SealedFolders.Destroy(folder.JobFolder(id));
        if (Directory.Exists(folder.JobFolder(id)))
        {
            Directory.Delete(folder.JobFolder(id), recursive: true);
        }

        feed.Publish(ChangeTopic.Jobs, id);
        feed.Publish(ChangeTopic.Models);
        // They go with their job.
        feed.Publish(ChangeTopic.Notifications);
    }

    private static async Task<JobRow> RequireAsync(ConsoleDbContext context, string id, CancellationToken cancellationToken) =>
        await context.Jobs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new UserInputException($"There is no job with the id {id}; it may have been deleted.");

    private static string Describe(JobStatus status) => status switch
    {
        JobStatus.InProgress => "in progress",
        _ => status.ToString().ToLowerInvariant(),
    };

    private async Task<bool> EndQueuedAsync(ConsoleDbContext context, string id, JobStatus status, string message, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        int ended = await context.Jobs.Where(row => row.Id == id && row.Status == JobStatus.Queued).ExecuteUpdateAsync(
            update => update
                .SetProperty(row => row.Status, status)
                .SetProperty(row => row.StopRequested, false)
                .SetProperty(row => row.PauseRequested, false)
                .SetProperty(row => row.FinishedAt, now)
                .SetProperty(row => row.Message, message),
            cancellationToken);
        return ended > 0;
    }

    private async Task<bool> QueueAgainAsync(ConsoleDbContext context, string id, JobStatus[] from, CancellationToken cancellationToken)
    {
        long number = await JobQueue.NextNumberAsync(context, cancellationToken);
        int queued = await context.Jobs
            .Where(row => row.Id == id && from.Contains(row.Status))
            .ExecuteUpdateAsync(
                update => update
                    .SetProperty(row => row.Status, JobStatus.Queued)
                    .SetProperty(row => row.StopRequested, false)
                    .SetProperty(row => row.PauseRequested, false)
                    .SetProperty(row => row.QueueNumber, number)
                    .SetProperty(row => row.FinishedAt, (DateTimeOffset?)null)
                    .SetProperty(row => row.Message, (string?)null),
                cancellationToken);
        if (queued == 0)
        {
            return false;
        }

        running.Wake();
        feed.Publish(ChangeTopic.Jobs, id);
        return true;
    }
}
