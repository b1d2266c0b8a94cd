namespace RftConsole.Web.Notifications;

/// <summary>What people are told of.</summary>
public enum NotificationKind
{
    JobCompleted,
    JobFailed,
    JobStopped,
    JobPaused,

    /// <summary>The health check found something, or an artefact is not where it was to go.</summary>
    Warning,
}

/// <summary>How far the webhook is with a notification.</summary>
internal enum DeliveryStatus
{
    /// <summary>None was to be called.</summary>
    None,
    Waiting,
    Delivered,
    Failed,
}

/// <summary>A notification as pages show it.</summary>
/// <param name="Id">Random and never used again.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Kind">What happened.</param>
/// <param name="JobId">The job that it is about.</param>
/// <param name="JobName">Its name.</param>
/// <param name="Text">Why, or what was found; null where there is nothing to add.</param>
/// <param name="BaselineAccuracy">Of the base model; of a completed job only.</param>
/// <param name="Accuracy">Of the tuned model; of a completed job only.</param>
public sealed record Notification(string Id, DateTimeOffset Time, NotificationKind Kind, string JobId, string JobName, string? Text, double? BaselineAccuracy, double? Accuracy)
{
    /// <summary>What the health check calls what it found; null for what it did not find.</summary>
    public string? Code { get; init; }

    /// <summary>Whether a job came to its end, well or not: what browsers and webhooks are told of too.</summary>
    public bool IsEnd => Kind != NotificationKind.Warning;

    /// <summary>Where to look.</summary>
    public string Href => "/jobs/" + JobId;
}

/// <summary>What happened to jobs, for all who use the console. What of it is read, each browser knows for itself.</summary>
public interface INotifications
{
    /// <summary>The latest ones, newest first.</summary>
    Task<IReadOnlyList<Notification>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="changed"/> when there are new ones, or some have gone with their job; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
