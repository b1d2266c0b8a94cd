using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Storage;

/// <summary>A database of another version, and the accounts' own migrations in the same file.</summary>
public sealed class SchemaMigrationTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly string _file;

    public SchemaMigrationTests() => _file = Path.Combine(_root.Path, "console.db");

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task An_older_database_is_copied_beside_itself_before_it_is_changed()
    {
        await using ConsoleDbContext context = Console(_file);
        string[] migrations = [.. context.Database.GetMigrations()];
        await context.Database.GetService<IMigrator>().MigrateAsync(migrations[0], TestContext.Current.CancellationToken);

        string? copy = await SchemaMigration.RunAsync(context, _file, TestContext.Current.CancellationToken);

        Assert.Equal($"{_file}.before-{migrations[1]}", copy);
        await using ConsoleDbContext old = Console(copy!);
        Assert.Equal([migrations[0]], await old.Database.GetAppliedMigrationsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(migrations, await context.Database.GetAppliedMigrationsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_new_database_and_one_of_this_version_need_no_copy()
    {
        await using ConsoleDbContext context = Console(_file);

        Assert.Null(await SchemaMigration.RunAsync(context, _file, TestContext.Current.CancellationToken));
        Assert.Null(await SchemaMigration.RunAsync(context, _file, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Directory.EnumerateFiles(_root.Path), file => file.Contains("before-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Accounts_of_a_newer_console_are_left_alone_too()
    {
        await using ConsoleDbContext console = Console(_file);
        await SchemaMigration.RunAsync(console, _file, TestContext.Current.CancellationToken);
        DbContextOptionsBuilder<SecurityDbContext> options = new();
        SecurityDbContext.Configure(options, _file);
        await using SecurityDbContext security = new(options.Options);
        await SchemaMigration.RunAsync(security, _file, TestContext.Current.CancellationToken);
        Assert.False(security.Database.HasPendingModelChanges());
        await security.Database.ExecuteSqlRawAsync($"INSERT INTO {SecurityDbContext.HistoryTable} VALUES ('99990101000000_Future', '99.0.0')", TestContext.Current.CancellationToken);

        StartupException refused = await Assert.ThrowsAsync<StartupException>(() => SchemaMigration.RunAsync(security, _file, TestContext.Current.CancellationToken));

        Assert.Contains("99990101000000_Future", refused.Message, StringComparison.Ordinal);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    private static ConsoleDbContext Console(string file) => new(new DbContextOptionsBuilder<ConsoleDbContext>()
        .UseSqlite($"Data Source={file};Pooling=False")
        .ConfigureWarnings(warnings => warnings.Ignore(Microsoft.EntityFrameworkCore.Diagnostics.RelationalEventId.NonTransactionalMigrationOperationWarning))
        .Options);
}
