using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Notifications;

/// <summary>
/// Notifications in the database. They are added in the transaction of what they tell of: whatever happens to the process, a job that has ended has its notification,
/// and the webhook finds it.
/// </summary>
internal sealed class NotificationStore(IDbContextFactory<ConsoleDbContext> contexts, DataFolder folder, ChangeFeed feed, TimeProvider time) : INotifications
{
    /// <summary>What a list shows.</summary>
    private const int Listed = 50;

    /// <summary>Older ones are deleted as new ones come.</summary>
    private const int Kept = 500;

    public async Task<IReadOnlyList<Notification>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Notifications.AsNoTracking()
            .OrderByDescending(row => row.Time)
            .ThenBy(row => row.Id)
            .Take(Listed)
            .Join(context.Jobs, row => row.JobId, job => job.Id, (row, job) => new { Row = row, job.Name, job.BaselineAccuracy, job.BestAccuracy })
            .ToListAsync(cancellationToken);
        return [.. rows.OrderByDescending(entry => entry.Row.Time).ThenBy(entry => entry.Row.Id, StringComparer.Ordinal).Select(entry => ToNotification(entry.Row, entry.Name, entry.BaselineAccuracy, entry.BestAccuracy))];
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Notifications, null, changed);

    /// <summary>Adds the end of a job to a change that is about to be saved.</summary>
    /// <param name="context">Whose changes are saved by the caller.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="sealedMessage">Its message, as the row of the job keeps it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task AddEndAsync(ConsoleDbContext context, string jobId, JobStatus status, string? sealedMessage, CancellationToken cancellationToken = default)
    {
        bool isCalled = await context.Settings.AnyAsync(row => row.Key == WebhookSettings.AddressKey, cancellationToken);
        context.Notifications.Add(new()
        {
            Id = NewId.Create(),
            Time = time.GetUtcNow(),
            JobId = jobId,
            Kind = status switch
            {
                JobStatus.Completed => NotificationKind.JobCompleted,
                JobStatus.Failed => NotificationKind.JobFailed,
                JobStatus.Paused => NotificationKind.JobPaused,
                _ => NotificationKind.JobStopped,
            },
            Text = sealedMessage,
            Delivery = isCalled ? DeliveryStatus.Waiting : DeliveryStatus.None,
        });
        await DeleteOldAsync(context, cancellationToken);
    }

    /// <summary>Adds a warning to a change that is about to be saved, unless the job has had it before; what only concerns lines of the data stands in the log.</summary>
    /// <param name="context">Whose changes are saved by the caller.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="warning">What was found.</param>
    /// <param name="sealedMessage">Its message, as the job's log keeps it.</param>
    public async Task<bool> AddWarningAsync(ConsoleDbContext context, string jobId, JobWarning warning, string sealedMessage)
    {
        if (warning.Code.StartsWith("data", StringComparison.Ordinal) || await context.Notifications.AnyAsync(row => row.JobId == jobId && row.Code == warning.Code))
        {
            return false;
        }

        context.Notifications.Add(new() { Id = NewId.Create(), Time = time.GetUtcNow(), JobId = jobId, Kind = NotificationKind.Warning, Code = warning.Code, Text = sealedMessage });
        return true;
    }

    /// <summary>To be called once it is saved.</summary>
    public void Publish() => feed.Publish(ChangeTopic.Notifications);

    private static async Task DeleteOldAsync(ConsoleDbContext context, CancellationToken cancellationToken)
    {
        DateTimeOffset? oldest = await context.Notifications.OrderByDescending(row => row.Time).Skip(Kept - 1).Select(row => (DateTimeOffset?)row.Time).FirstOrDefaultAsync(cancellationToken);
        if (oldest is { } time)
        {
            await context.Notifications.Where(row => row.Time < time && row.Delivery != DeliveryStatus.Waiting).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private Notification ToNotification(NotificationRow row, string jobName, double? baseline, double? accuracy)
    {
        string place = row.Kind == NotificationKind.Warning ? JobMapping.LogPlace(row.JobId) : JobMapping.MessagePlace(row.JobId);
        string? text = new RowTexts(folder.JobFolder(row.JobId)).OpenOrSay(place, row.Text);
        return row.Kind == NotificationKind.JobCompleted
            ? new(row.Id, row.Time, row.Kind, row.JobId, jobName, text, baseline, accuracy)
            : new(row.Id, row.Time, row.Kind, row.JobId, jobName, text, null, null) { Code = row.Code };
    }
}
