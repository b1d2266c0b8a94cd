using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Training;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;
using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Security.Audit;
using RftConsole.Web.Security.Guards;

namespace RftConsole.Tests.Web.Security;

/// <summary>The guard before the services, over the real database: who is let through, and what is written down.</summary>
public sealed class ServiceGuardTests : IAsyncLifetime
{
    private readonly GuardedConsole _console = new();

    public ValueTask InitializeAsync() => _console.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task A_change_is_written_down_with_who_when_and_what()
    {
        CurrentActor.Enter(new("bea", ConsoleRole.Builder, "192.0.2.7"));
        string id = await _console.Jobs.CreateAsync(_console.Specification("arith"));
        await _console.Jobs.DeleteAsync(id);

        IReadOnlyList<AuditEntry> entries = await _console.AuditAsync();
        Assert.Equal(["job.delete", "job.create"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal(("bea", "builder", "192.0.2.7", $"arith ({id})", "done"), (entry.Actor, entry.Role, entry.Address, entry.Subject, entry.Outcome)));
        Assert.All(entries, entry => Assert.Equal(_console.Time.GetUtcNow(), entry.Time));
    }

    [Fact]
    public async Task A_viewer_reads_and_changes_nothing()
    {
        CurrentActor.Enter(new("vera", ConsoleRole.Viewer, null));

        Assert.Empty(await _console.Jobs.ListAsync());
        await Assert.ThrowsAsync<AccessDeniedException>(() => _console.Jobs.CreateAsync(_console.Specification("arith")));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _console.Get<IUploads>().BeginAsync("a.jsonl", 1));
        Assert.Throws<AccessDeniedException>(() => _console.Get<IUploads>().Delete("x"));

        Assert.Empty(await _console.Jobs.ListAsync());
        AuditEntry refused = Assert.Single(await _console.AuditAsync());
        Assert.Equal(("vera", "job.create", "arith", "refused"), (refused.Actor, refused.Action, refused.Subject, refused.Outcome));
    }

    [Fact]
    public async Task A_builder_changes_no_settings_and_no_users()
    {
        CurrentActor.Enter(new("bea", ConsoleRole.Builder, null));

        await Assert.ThrowsAsync<AccessDeniedException>(() => _console.Get<IUploadLimit>().SetAsync(1 << 20));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _console.Accounts.InviteAsync("x-ray", ConsoleRole.Administrator));
    }

    [Fact]
    public async Task Work_that_nobody_entered_changes_nothing_where_sign_in_is_required()
    {
        CurrentActor.Enter(Actor.Nobody);

        AccessDeniedException refused = await Assert.ThrowsAsync<AccessDeniedException>(() => _console.Jobs.CreateAsync(_console.Specification("arith")));
        Assert.StartsWith("Sign in first", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_is_no_change()
    {
        CurrentActor.Enter(new("bea", ConsoleRole.Builder, null));

        await Assert.ThrowsAnyAsync<UserInputException>(() => _console.Jobs.StopAsync("none"));

        Assert.Empty(await _console.AuditAsync());
    }

    [Fact]
    public async Task A_secret_is_never_written_down()
    {
        CurrentActor.Enter(new("ada", ConsoleRole.Administrator, null));
        await _console.Get<RftConsole.Web.Catalogue.IHubSettings>().SetTokenAsync("hf_verysecret");
        await _console.Get<RftConsole.Web.Rewards.IJudgeEndpoints>().AddAsync("judge", "http://127.0.0.1:9/v1", "m", "sk-verysecret");

        IReadOnlyList<AuditEntry> entries = await _console.AuditAsync();
        Assert.Equal(["judge-endpoint.add", "hub-settings.set-token"], entries.Select(entry => entry.Action));
        Assert.DoesNotContain(entries, entry => entry.ToString().Contains("verysecret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_that_stays_open_keeps_no_role_that_was_taken_away()
    {
        CurrentActor.Enter(new("ada", ConsoleRole.Administrator, null));
        await _console.AddAccountAsync("root-user", ConsoleRole.Administrator);
        Actor bea = await _console.AddAccountAsync("bea", ConsoleRole.Builder);
        string id = (await _console.Accounts.ListAsync()).Single(account => account.Name == "bea").Id;

        await _console.InFlowAsync(bea, () => _console.Jobs.CreateAsync(_console.Specification("first")));
        await _console.Accounts.SetDisabledAsync(id, true);

        await Assert.ThrowsAsync<AccessDeniedException>(() => _console.InFlowAsync(bea, () => _console.Jobs.CreateAsync(_console.Specification("second"))));
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        CurrentActor.Enter(new("setup", ConsoleRole.Administrator, null));
        await _console.AddAccountAsync("only", ConsoleRole.Administrator);
        string id = (await _console.Accounts.ListAsync()).Single().Id;

        await Assert.ThrowsAsync<UserInputException>(() => _console.Accounts.SetRoleAsync(id, ConsoleRole.Viewer));
        await Assert.ThrowsAsync<UserInputException>(() => _console.Accounts.SetDisabledAsync(id, true));
        await Assert.ThrowsAsync<UserInputException>(() => _console.Accounts.ResetAsync(id));
        await Assert.ThrowsAsync<UserInputException>(() => _console.Accounts.DeleteAsync(id));

        Assert.Equal(AccountState.Active, (await _console.Accounts.ListAsync()).Single().State);
    }

    [Theory]
    [InlineData("UPDATE AuditLog SET Actor = 'somebody else'")]
    [InlineData("DELETE FROM AuditLog")]
    public async Task The_database_itself_keeps_the_log_as_it_was_written(string statement)
    {
        await _console.Get<IAuditLog>().WriteAsync("job.create", "arith", "", AuditEntry.Done);

        await using SqliteConnection database = new($"Data Source={_console.DatabaseFile};Pooling=False");
        await database.OpenAsync(TestContext.Current.CancellationToken);
        await using SqliteCommand command = database.CreateCommand();
        command.CommandText = statement;

        await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Every_service_of_the_pages_is_guarded_or_only_reads()
    {
        Type[] reading = [typeof(IPlayground), typeof(IUsage), typeof(IRollouts), typeof(IAuditLog), typeof(IJobEngine), typeof(IChatEngine)];
        IEnumerable<string> open = _console.Registered
            .Where(type => type.IsInterface && type.Namespace!.StartsWith("RftConsole.Web", StringComparison.Ordinal) && !reading.Contains(type))
            .Where(type => type.GetMethods().Any(method => method.ReturnType == typeof(Task) || (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>))))
            .Where(type => _console.Get(type).GetType().BaseType is not { IsGenericType: true } proxy || proxy.GetGenericTypeDefinition() != typeof(GuardProxy<>))
            .Select(type => type.Name);

        Assert.Empty(open);
    }
}
