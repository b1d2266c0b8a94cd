namespace RftConsole.Web.Security.Audit;

/// <summary>An entry of the audit log.</summary>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Role">The actor's role at that time.</param>
/// <param name="Address">Where from.</param>
/// <param name="Action">What, such as <c>job.create</c>.</param>
/// <param name="Subject">To what.</param>
/// <param name="Details">Values that went with it.</param>
/// <param name="Outcome"><see cref="Done"/> or <see cref="Refused"/>.</param>
public sealed record AuditEntry(DateTimeOffset Time, string Actor, string Role, string Address, string Action, string Subject, string Details, string Outcome)
{
    public const string Done = "done";

    public const string Refused = "refused";
}

/// <summary>Which entries to show, newest first.</summary>
/// <param name="Search">Words of any column; empty for all.</param>
/// <param name="From">Not before.</param>
/// <param name="To">Before.</param>
public sealed record AuditQuery(string Search = "", DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>Who changed what, and when. Entries are added, and never changed or deleted.</summary>
public interface IAuditLog
{
    /// <summary>Newest first.</summary>
    Task<(IReadOnlyList<AuditEntry> Entries, int Total)> FindAsync(AuditQuery query, int skip, int take, CancellationToken cancellationToken = default);

    /// <summary>All that match, newest first, read as they are needed.</summary>
    IAsyncEnumerable<AuditEntry> ReadAsync(AuditQuery query, CancellationToken cancellationToken = default);

    /// <summary>Adds an entry by whoever is at work.</summary>
    Task WriteAsync(string action, string subject, string details, string outcome, CancellationToken cancellationToken = default);

    /// <summary>Adds an entry by somebody who is not signed in, such as who tries to.</summary>
    Task WriteAsync(Actor actor, string action, string subject, string details, string outcome, CancellationToken cancellationToken = default);
}
