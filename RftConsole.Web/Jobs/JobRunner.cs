using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Web.Inference;
using RftConsole.Web.Notifications;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>Runs queued jobs, one at a time and in order. A job that the end of the process interrupted is first in the next process's queue.</summary>
internal sealed partial class JobRunner(
    IDbContextFactory<ConsoleDbContext> contexts,
    IJobEngine engine,
    ModelArchive archive,
    NotificationStore notifications,
    RunningJobs running,
    ChangeFeed feed,
    DataFolder folder,
    JobDisk disk,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<JobRunner> log) : BackgroundService
{
    private static readonly TimeSpan s_storeAgain = TimeSpan.FromSeconds(5);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            DateTimeOffset now = time.GetUtcNow();
            await context.Jobs
                .Where(row => row.Status == JobStatus.InProgress && row.PauseRequested)
                .ExecuteUpdateAsync(
                    update => update
                        .SetProperty(row => row.Status, JobStatus.Paused)
                        .SetProperty(row => row.PauseRequested, false)
                        .SetProperty(row => row.FinishedAt, now)
                        .SetProperty(row => row.Message, "Paused; it goes on from its last checkpoint when it is resumed."),
                    cancellationToken);

            // The queue number stays, and it is smaller than that of any job that still waits.
            await context.Jobs
                .Where(row => row.Status == JobStatus.InProgress || row.Status == JobStatus.Stopping)
                .ExecuteUpdateAsync(update => update.SetProperty(row => row.Status, JobStatus.Queued), cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ApplicationStartedAsync(stoppingToken);
            while (true)
            {
                while (await PersistAsync(() => NextAsync(stoppingToken), stoppingToken) is { } id)
                {
                    await RunAsync(id, stoppingToken);
                }

                await running.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    /// <summary>A console whose port is taken must not begin a job before it finds out.</summary>
    private async Task ApplicationStartedAsync(CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs
            .Where(row => row.Status == JobStatus.Queued)
            .OrderBy(row => row.QueueNumber)
            .Select(row => row.Id)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private async Task RunAsync(string id, CancellationToken shutdown)
    {
        using RunningJobs.RunningJob handle = running.Begin(id);
        if (await PersistAsync(() => ClaimAsync(id, shutdown), shutdown) is not { } specification)
        {
            return;
        }

        JobRecorder recorder = new(id, new(folder.JobFolder(id)), contexts, notifications, feed, handle.Clock, time);
        string jobFolder = folder.JobFolder(id);
        JobFinished finished;
        try
        {
            Directory.CreateDirectory(jobFolder);
            await SealedFolders.OpenAsync(jobFolder, shutdown);
            LogBegins(id, specification.Name);
            finished = await engine.RunAsync(specification, jobFolder, recorder.RecordAsync, handle.Signals(shutdown));
        }
        catch (KeyUnavailableException locked)
        {
            finished = new(JobOutcome.Paused, locked.Message, 0, null, null, null, null);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // The row stays InProgress: the next start queues it again.
            throw;
        }
        catch (Exception problem) when (problem is DbUpdateException or SqliteException or IOException)
        {
            // What the job said could not be stored: a full disk, say. Its last checkpoint is there.
            LogBroke(problem, id);
            finished = new(JobOutcome.Paused, $"The console could not store the job's progress ({Innermost(problem)}): make room, then resume the job. It goes on from its last checkpoint.", 0, null, null, null, null);
        }
        catch (Exception problem)
        {
            // The engine reports what it foresees as a JobFinished; whatever else breaks fails this job and not the queue.
            LogBroke(problem, id);
            finished = new(JobOutcome.Failed, problem.Message.ReplaceLineEndings(" "), 0, null, null, null, null);
        }

        // Should the process end before the disk has room again, the next one queues the job once more, and it ends from its last checkpoint.
        await PersistAsync(() => FinishAsync(id, jobFolder, finished), shutdown);
    }

    /// <summary>Tries a change of the database until it is stored: on a full disk, until there is room.</summary>
    private async Task<T> PersistAsync<T>(Func<Task<T>> change, CancellationToken shutdown)
    {
        while (true)
        {
            try
            {
                return await change();
            }
            catch (Exception problem) when (problem is DbUpdateException or SqliteException)
            {
                LogNotStored(problem, s_storeAgain);
                await Task.Delay(s_storeAgain, time, shutdown);
            }
        }
    }

    /// <summary>Takes the job off the queue; null where somebody stopped or deleted it meanwhile.</summary>
    private async Task<JobSpecification?> ClaimAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        int claimed = await context.Jobs
            .Where(row => row.Id == id && row.Status == JobStatus.Queued)
            .ExecuteUpdateAsync(
                update => update
                    .SetProperty(row => row.Status, row => row.StopRequested ? JobStatus.Stopping : JobStatus.InProgress)
                    .SetProperty(row => row.StartedAt, row => row.StartedAt ?? now)
                    .SetProperty(row => row.PhasesJson, (string?)null)
                    .SetProperty(row => row.Message, (string?)null),
                cancellationToken);
        if (claimed == 0)
        {
            return null;
        }

        JobRow job = await context.Jobs.AsNoTracking().SingleAsync(row => row.Id == id, cancellationToken);
        if (job.StopRequested)
        {
            running.Find(id)?.RequestStop();
        }

        feed.Publish(ChangeTopic.Jobs, id);
        return StoredJson.Read<JobSpecification>(job.SpecificationJson);
    }

    private async Task<JobStatus> FinishAsync(string id, string jobFolder, JobFinished finished)
    {
        JobStatus status = finished.Outcome switch
        {
            JobOutcome.Completed => JobStatus.Completed,
            JobOutcome.Stopped => JobStatus.Stopped,
            JobOutcome.Paused => JobStatus.Paused,
            _ => JobStatus.Failed,
        };
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync();
        JobRow job = await context.Jobs.SingleAsync(row => row.Id == id);
        string? message = finished.Message;
        if (status is JobStatus.Completed or JobStatus.Stopped && finished.AdapterPath is not null)
        {
            try
            {
                await archive.KeepAsync(context, job, jobFolder, finished);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                LogNotKept(problem, id);
                status = JobStatus.Failed;
                message = $"The model was trained, and could not be copied to {folder.ModelFolder(id)} ({problem.Message.ReplaceLineEndings(" ")}): make room, then resume the job.";
            }
        }

        job.Status = status;
        RowTexts texts = new(jobFolder);
        job.Message = message is null ? null : texts.SealOr(JobMapping.MessagePlace(id), message, Unreadable(id));
        job.StopRequested = false;
        job.PauseRequested = false;
        job.FinishedAt = time.GetUtcNow();
        job.StepsDone = Math.Max(job.StepsDone, finished.Steps);
        job.BaselineAccuracy = Accuracy(finished.Baseline) ?? job.BaselineAccuracy;
        job.BestAccuracy = Accuracy(finished.Final) ?? job.BestAccuracy;
        job.PhasesJson = StoredJson.Write(EndedPhases(job, status));
        if (message is not null)
        {
            context.LogLines.Add(new() { JobId = id, Time = job.FinishedAt.Value, Level = status is JobStatus.Failed or JobStatus.Paused ? "Error" : "Information", Message = texts.SealOr(JobMapping.LogPlace(id), message, Unreadable(id)) });
        }

        await notifications.AddEndAsync(context, id, status, job.Message);
        await context.SaveChangesAsync();
        disk.Forget(id);
        LogEnded(id, status, finished.Steps, texts.AreSealed ? "the job's page says why" : message ?? "all went as planned");
        feed.Publish(ChangeTopic.Jobs, id);
        feed.Publish(ChangeTopic.Models);
        notifications.Publish();
        return status;
    }

    /// <summary>Why nothing can be said about the end of an encrypted job: this alone is no secret.</summary>
    private string Unreadable(string id)
    {
        try
        {
            _ = SealedFolders.Find(Path.Combine(folder.JobFolder(id), SealedFolders.KeyFile));
            return "";
        }
        catch (KeyUnavailableException unavailable)
        {
            return unavailable.Message;
        }
    }

    private static string Innermost(Exception problem) => problem.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.');

    private static double? Accuracy(IReadOnlyDictionary<string, double>? metrics) =>
        metrics is not null && metrics.TryGetValue(JobRecorder.AccuracyKey, out double accuracy) ? accuracy : null;

    /// <summary>No phase of an ended job is under way, whatever the engine had time to say.</summary>
    private static Dictionary<JobPhase, PhaseStatus> EndedPhases(JobRow job, JobStatus status)
    {
        PhaseStatus end = status switch
        {
            JobStatus.Completed => PhaseStatus.Completed,
            JobStatus.Failed => PhaseStatus.Failed,
            _ => PhaseStatus.Stopped,
        };
        return JobMapping.Phases(job).ToDictionary(
            entry => entry.Key,
            entry => entry.Value is PhaseStatus.InProgress or PhaseStatus.Stopping ? end : entry.Value);
    }

    [LoggerMessage(LogLevel.Information, "Job {Job} ({Name}) begins")]
    private partial void LogBegins(string job, string name);

    [LoggerMessage(LogLevel.Information, "Job {Job} ended as {Status} after {Steps} steps: {Reason}")]
    private partial void LogEnded(string job, JobStatus status, int steps, string reason);

    [LoggerMessage(LogLevel.Error, "Job {Job} broke")]
    private partial void LogBroke(Exception problem, string job);

    [LoggerMessage(LogLevel.Error, "The adapter of job {Job} could not be kept")]
    private partial void LogNotKept(Exception problem, string job);

    [LoggerMessage(LogLevel.Error, "The queue could not be stored; next attempt in {Delay}")]
    private partial void LogNotStored(Exception problem, TimeSpan delay);

    [LoggerMessage(LogLevel.Information, "The job queue rests; a running job goes on at the next start")]
    private partial void LogStopped();
}
