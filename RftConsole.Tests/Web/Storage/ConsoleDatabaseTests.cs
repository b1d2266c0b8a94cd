using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Storage;

public sealed class ConsoleDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly DataFolder _folder;
    private readonly Contexts _contexts;

    public ConsoleDatabaseTests()
    {
        _folder = DataFolder.Open(_root.Path);
        _contexts = new(_folder);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task The_migrations_give_the_schema_that_the_code_expects_and_a_log_ahead_of_the_file()
    {
        await MigrateAsync();

        await using ConsoleDbContext context = _contexts.CreateDbContext();
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Equal("wal", (await context.Database.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").ToListAsync(TestContext.Current.CancellationToken))[0]);
    }

    [Fact]
    public async Task Rows_of_a_deleted_job_go_with_it_by_the_database_itself()
    {
        await MigrateAsync();
        await using ConsoleDbContext context = _contexts.CreateDbContext();
        context.Jobs.Add(new() { Id = "a", Name = "a", CustomModelName = "m", BaseModel = "starter", RewardName = "r", SpecificationJson = "{}", TagsJson = "{}", Status = JobStatus.Completed });
        context.Metrics.Add(new() { JobId = "a", Step = 1, ValuesJson = "{}" });
        context.LogLines.Add(new() { JobId = "a", Level = "Information", Message = "x" });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);

        await context.Jobs.ExecuteDeleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (await context.Metrics.CountAsync(TestContext.Current.CancellationToken), await context.LogLines.CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Data_sets_of_before_versions_become_their_own_first_version()
    {
        await using ConsoleDbContext context = _contexts.CreateDbContext();
        await context.Database.MigrateAsync("RefusedCalls", TestContext.Current.CancellationToken);
        await context.Database.ExecuteSqlRawAsync(
            "INSERT INTO DataSets (Id, Name, FileName, Rows, RejectedRows, Bytes, Sha256, CreatedAt, CheckJson) VALUES ('d', 'mine.jsonl', 'mine.jsonl', 3, 1, 99, 'abc', 5, '{{}}')",
            TestContext.Current.CancellationToken);

        await context.Database.MigrateAsync(TestContext.Current.CancellationToken);

        DataSetVersionRow version = await context.DataSetVersions.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("d", 1, null, 3, 1, 99L, "abc"), (version.DataSetId, version.Number, version.Parent, version.Rows, version.RejectedRows, version.Bytes, version.Sha256));
        Assert.Equal(1, (await context.DataSets.SingleAsync(TestContext.Current.CancellationToken)).Version);
    }

    [Fact]
    public async Task Rollouts_are_read_by_job_and_step_through_an_index()
    {
        await MigrateAsync();
        await using ConsoleDbContext context = _contexts.CreateDbContext();

        List<string> plan = await context.Database.SqlQueryRaw<string>("SELECT name AS Value FROM pragma_index_info('sqlite_autoindex_Rollouts_1')").ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["JobId", "Step"], plan.Take(2));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_in_one_line()
    {
        File.WriteAllText(_folder.DatabaseFile, new string('x', 5000));

        StartupException problem = await Assert.ThrowsAsync<StartupException>(MigrateAsync);

        Assert.Contains("cannot be used", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public async Task A_database_of_a_newer_console_is_left_alone()
    {
        await MigrateAsync();
        await using ConsoleDbContext context = _contexts.CreateDbContext();
        await context.Database.ExecuteSqlRawAsync("INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Future', '99.0.0')", TestContext.Current.CancellationToken);

        StartupException problem = await Assert.ThrowsAsync<StartupException>(MigrateAsync);

        Assert.Contains("99990101000000_Future", problem.Message, StringComparison.Ordinal);
    }

    private Task MigrateAsync() => new ConsoleDatabase(_contexts, _folder, NullLogger<ConsoleDatabase>.Instance).MigrateAsync(TestContext.Current.CancellationToken);

    private sealed class Contexts(DataFolder folder) : IDbContextFactory<ConsoleDbContext>
    {
        public ConsoleDbContext CreateDbContext() =>
            new(new DbContextOptionsBuilder<ConsoleDbContext>().UseSqlite($"Data Source={folder.DatabaseFile};Pooling=False").Options);
    }
}
