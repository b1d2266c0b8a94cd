using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RftConsole.Web.Storage;

/// <summary>Brings the database to this version's schema, and says whether it is there.</summary>
internal sealed partial class ConsoleDatabase(IDbContextFactory<ConsoleDbContext> contexts, DataFolder folder, ILogger<ConsoleDatabase> log) : IHealthCheck
{
    private volatile bool _migrated;

    /// <inheritdoc cref="SchemaMigration.RunAsync"/>
    public async Task MigrateAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await SchemaMigration.RunAsync(context, folder.DatabaseFile, cancellationToken) is { } copy)
        {
            LogCopied(folder.DatabaseFile, copy);
        }

        // Readers of live pages must never wait for the writer of a running job.
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        _migrated = true;
        LogReady(folder.DatabaseFile);
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

    [LoggerMessage(LogLevel.Information, "Database {File} is of an older version; it was copied to {Copy} before it was brought up to date")]
    private partial void LogCopied(string file, string copy);

    [LoggerMessage(LogLevel.Information, "Database {File} is ready")]
    private partial void LogReady(string file);
}
