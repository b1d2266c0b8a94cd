namespace RftConsole.Web.Security.Audit;

/// <summary>An entry of the audit log; the database refuses to change or delete one.</summary>
internal sealed class AuditRow
{
    public long Id { get; set; }

    public DateTimeOffset Time { get; set; }

    /// <summary>Name of the account or key; of the person at the machine, its user's.</summary>
    public required string Actor { get; set; }

    /// <summary>The actor's role at that time; empty where there was none.</summary>
    public required string Role { get; set; }

    /// <summary>The address that it came from; empty for the console itself.</summary>
    public required string Address { get; set; }

    /// <summary>What was done to what, such as <c>job.create</c>.</summary>
    public required string Action { get; set; }

    /// <summary>Name and id of what it was done to.</summary>
    public required string Subject { get; set; }

    /// <summary>Values that went with it; never a secret.</summary>
    public required string Details { get; set; }

    /// <summary><c>done</c> or <c>refused</c>.</summary>
    public required string Outcome { get; set; }
}
