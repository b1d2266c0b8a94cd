using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RftConsole.Web.Storage;

/// <summary>Brings the database to this version's schema, and says whether it is there.</summary>
internal sealed partial class ConsoleDatabase(IDbContextFactory<ConsoleDbContext> contexts, DataFolder folder, ILogger<ConsoleDatabase> log) : IHealthCheck
{
    private volatile bool _migrated;

    /// <exception cref="StartupException">The file is no database, is damaged, or comes from a newer console.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
            HashSet<string> known = [.. context.Database.GetMigrations()];
            string? newer = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).FirstOrDefault(name => !known.Contains(name));
            if (newer is not null)
            {
                throw new StartupException($"{folder.DatabaseFile} was written by a newer console (it has the migration {newer}): start that version, or choose another folder with --data DIR.");
            }

            await context.Database.MigrateAsync(cancellationToken);
            // Readers of live pages must never wait for the writer of a running job.
            await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
            _migrated = true;
            LogReady(folder.DatabaseFile);
        }
        catch (SqliteException problem)
        {
            throw new StartupException($"The database {folder.DatabaseFile} cannot be used ({problem.Message.ReplaceLineEndings(" ")}): restore it from a backup, or choose another folder with --data DIR.");
        }
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!_migrated)
        {
            return HealthCheckResult.Unhealthy("The database is being prepared.");
        }

        await using ConsoleDbContext database = await contexts.CreateDbContextAsync(cancellationToken);
        return await database.Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"{folder.DatabaseFile} cannot be opened.");
    }

    [LoggerMessage(LogLevel.Information, "Database {File} is ready")]
    private partial void LogReady(string file);
}
