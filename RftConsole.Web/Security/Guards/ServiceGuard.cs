using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Security.Audit;

namespace RftConsole.Web.Security.Guards;

/// <summary>The one place where roles are enforced and changes are written down, in front of every service that keeps something.</summary>
internal sealed partial class ServiceGuard(CurrentActor current, IAuditLog audit, IDbContextFactory<SecurityDbContext> accounts, SubjectNames names, ILogger<ServiceGuard> log)
{
    /// <summary>Runs a call if the actor may, and writes it down.</summary>
    /// <exception cref="AccessDeniedException">The actor may not.</exception>
    public async Task<T> RunAsync<T>(AccessRule rule, GuardedCall call, Func<Task<T>> run)
    {
        Actor actor = current.Actor;
        bool isChange = rule.KindOf(call.Method) == AccessKind.Change;
        // Asked before the call: what it deletes has no name afterwards.
        string subject = isChange ? await call.SubjectAsync(rule.Subject, names) : "";
        ConsoleRole? role = await RoleOfAsync(actor);
        if (role is null || role < rule.Role)
        {
            if (isChange)
            {
                await audit.WriteAsync(actor with { Role = role }, call.Action(rule.Subject), subject, call.Details(), AuditEntry.Refused);
            }

            throw Denied(rule.Role, role);
        }

        T result = await run();
        if (isChange)
        {
            try
            {
                await audit.WriteAsync(actor with { Role = role }, call.Action(rule.Subject), call.WithResult(subject, result), call.Details(), AuditEntry.Done);
            }
            catch (Exception problem) when (problem is DbUpdateException or Microsoft.Data.Sqlite.SqliteException)
            {
                // It has happened; to say that it has not would be worse than a gap that the console's own log fills.
                LogNotWritten(problem, call.Action(rule.Subject), subject, actor.Name);
            }
        }

        return result;
    }

    /// <summary>For calls that cannot wait: by the actor's claims alone.</summary>
    /// <exception cref="AccessDeniedException">The actor may not.</exception>
    public void Require(AccessRule rule)
    {
        if (current.Actor.Role is not { } role || role < rule.Role)
        {
            throw Denied(rule.Role, current.Actor.Role);
        }
    }

    private static AccessDeniedException Denied(ConsoleRole needed, ConsoleRole? has) => new(has is { } role
        ? $"This takes the role {needed.Name()}, and yours is {role.Name()}: ask an administrator."
        : "Sign in first: the console does not know who you are, or no longer.");

    /// <summary>As it is now: a page that stays open must not keep what an administrator has taken away.</summary>
    private async Task<ConsoleRole?> RoleOfAsync(Actor actor)
    {
        if (actor.User?.FindFirst(AccountClaims.AccountId)?.Value is not { } id)
        {
            return actor.Role;
        }

        await using SecurityDbContext context = await accounts.CreateDbContextAsync();
        Account? account = await context.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id);
        return account is { Disabled: false } && account.SecurityStamp == actor.User.FindFirst(AccountClaims.Stamp)?.Value ? account.Role : null;
    }

    [LoggerMessage(LogLevel.Critical, "The audit log could not be written: {Action} of {Subject} by {Actor} was done")]
    private partial void LogNotWritten(Exception problem, string action, string subject, string actor);
}
