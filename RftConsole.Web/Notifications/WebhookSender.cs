using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Notifications;

/// <summary>
/// Delivers what waits for the webhook, one after the other and beside everything else. What a console that ends has not delivered, the next one on its data folder does:
/// a receiver hears of each end at least once, and knows a repetition by its id.
/// </summary>
internal sealed partial class WebhookSender(
    IDbContextFactory<ConsoleDbContext> contexts,
    WebhookSettings settings,
    WebhookClient client,
    DataFolder folder,
    ChangeFeed feed,
    TimeProvider time,
    ILogger<WebhookSender> log) : BackgroundService
{
    private static readonly TimeSpan s_storeAgain = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using SemaphoreSlim news = new(1);
        using IDisposable subscription = feed.Subscribe(ChangeTopic.Notifications, null, () =>
        {
            news.Release();
            return Task.CompletedTask;
        });
        try
        {
            while (true)
            {
                await news.WaitAsync(stoppingToken);
                await DeliverAllAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits goes on waiting.
        }
    }

    private async Task DeliverAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (!await DeliverNextAsync(cancellationToken))
                {
                    return;
                }
            }
            catch (Exception problem) when (problem is DbUpdateException or SqliteException)
            {
                LogNotStored(problem);
                await Task.Delay(s_storeAgain, time, cancellationToken);
            }
        }
    }

    /// <summary>Delivers the oldest one; false where none waits.</summary>
    private async Task<bool> DeliverNextAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        var next = await context.Notifications.AsNoTracking()
            .Where(row => row.Delivery == DeliveryStatus.Waiting)
            .OrderBy(row => row.Time)
            .Join(context.Jobs, row => row.JobId, job => job.Id, (row, job) => new { Row = row, Job = job })
            .FirstOrDefaultAsync(cancellationToken);
        if (next is null)
        {
            return false;
        }

        DeliveryStatus status = DeliveryStatus.None;
        if (await settings.FindAsync(cancellationToken) is { } target)
        {
            WebhookResult result = await client.DeliverAsync(target, Message(next.Row, next.Job, target), cancellationToken);
            status = result.Works ? DeliveryStatus.Delivered : DeliveryStatus.Failed;
            if (!result.Works)
            {
                LogNotDelivered(next.Job.Id, result.Tries, result.Message);
            }

            await settings.SetLastAsync(result, cancellationToken);
            feed.Publish(ChangeTopic.Webhook);
        }

        await context.Notifications.Where(row => row.Id == next.Row.Id).ExecuteUpdateAsync(update => update.SetProperty(row => row.Delivery, status), cancellationToken);
        return true;
    }

    private WebhookMessage Message(NotificationRow row, JobRow job, WebhookTarget target)
    {
        (string type, string status) = WebhookMessage.Of(row.Kind);
        return new(
            "evt_" + row.Id,
            type,
            row.Time.ToUnixTimeSeconds(),
            new(
                job.Id,
                "fine_tuning.job",
                job.Name,
                status,
                job.BaseModel,
                job.ModelId is null ? null : job.CustomModelName,
                job.FinishedAt?.ToUnixTimeSeconds(),
                job.StepsDone,
                job.TotalSteps,
                job.BaselineAccuracy,
                job.BestAccuracy,
                // What an encrypted job says of itself stays on this machine.
                new RowTexts(folder.JobFolder(job.Id)).AreSealed ? null : row.Text,
                target.Console is { } console ? new Uri(console, "jobs/" + job.Id).ToString() : null));
    }

    [LoggerMessage(LogLevel.Warning, "The webhook was not told of the end of job {Job}, tried {Tries} times: {Reason}")]
    private partial void LogNotDelivered(string job, int tries, string reason);

    [LoggerMessage(LogLevel.Error, "What the webhook was told could not be stored")]
    private partial void LogNotStored(Exception problem);
}
