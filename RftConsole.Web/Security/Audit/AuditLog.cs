using Microsoft.EntityFrameworkCore;

namespace RftConsole.Web.Security.Audit;

/// <inheritdoc cref="IAuditLog" />
internal sealed class AuditLog(IDbContextFactory<SecurityDbContext> contexts, CurrentActor current, TimeProvider time) : IAuditLog
{
    private const int Longest = 1000;

    public async Task<(IReadOnlyList<AuditEntry> Entries, int Total)> FindAsync(AuditQuery query, int skip, int take, CancellationToken cancellationToken = default)
    {
        await using SecurityDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        IQueryable<AuditRow> rows = Matching(context, query);
        int total = await rows.CountAsync(cancellationToken);
        List<AuditRow> page = await rows.OrderByDescending(row => row.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);
        return ([.. page.Select(ToEntry)], total);
    }

    public async IAsyncEnumerable<AuditEntry> ReadAsync(AuditQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using SecurityDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await foreach (AuditRow row in Matching(context, query).OrderByDescending(row => row.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return ToEntry(row);
        }
    }

    public Task WriteAsync(string action, string subject, string details, string outcome, CancellationToken cancellationToken = default) =>
        WriteAsync(current.Actor, action, subject, details, outcome, cancellationToken);

    public async Task WriteAsync(Actor actor, string action, string subject, string details, string outcome, CancellationToken cancellationToken = default)
    {
        await using SecurityDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Audit.Add(new()
        {
            Time = time.GetUtcNow(),
            Actor = Text(actor.Name),
            Role = actor.Role?.Name() ?? "",
            Address = actor.Address ?? "",
            Action = action,
            Subject = Text(subject),
            Details = Text(details),
            Outcome = outcome,
        });
        await context.SaveChangesAsync(cancellationToken);
    }

    private static IQueryable<AuditRow> Matching(SecurityDbContext context, AuditQuery query)
    {
        IQueryable<AuditRow> rows = context.Audit.AsNoTracking();
        if (query.From is { } from)
        {
            rows = rows.Where(row => row.Time >= from);
        }

        if (query.To is { } to)
        {
            rows = rows.Where(row => row.Time < to);
        }

        foreach (string word in query.Search.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string pattern = $"%{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            rows = rows.Where(row => EF.Functions.Like(row.Actor + " " + row.Action + " " + row.Subject + " " + row.Details + " " + row.Outcome + " " + row.Address, pattern, "\\"));
        }

        return rows;
    }

    private static AuditEntry ToEntry(AuditRow row) => new(row.Time, row.Actor, row.Role, row.Address, row.Action, row.Subject, row.Details, row.Outcome);

    /// <summary>One line of bounded length: what a client sends must not fill the log or forge a line of it.</summary>
    private static string Text(string text)
    {
        string line = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }
}
