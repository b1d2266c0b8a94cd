using System.Security.Claims;

using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;
using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Security.Audit;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Security;

/// <summary>The console's services with their guards, over a real database, without web server, runner and trainer.</summary>
internal sealed class GuardedConsole : IAsyncDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly DataFolder _folder;
    private readonly ServiceCollection _services = new();
    private ServiceProvider _provider = null!;

    public GuardedConsole() => _folder = DataFolder.Open(Path.Combine(_root.Path, "data"));

    public FakeTimeProvider Time { get; } = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public string DatabaseFile => _folder.DatabaseFile;

    public IJobs Jobs => Get<IJobs>();

    public IAccounts Accounts => Get<IAccounts>();

    public IEnumerable<Type> Registered => _services.Select(descriptor => descriptor.ServiceType).Distinct();

    public T Get<T>()
        where T : notnull => _provider.GetRequiredService<T>();

    public object Get(Type type) => _provider.GetRequiredService(type);

    public async ValueTask StartAsync()
    {
        _services.AddLogging();
        _services.AddSingleton<IHostApplicationLifetime>(new Lifetime());
        _services.AddConsoleServices(_folder);
        _services.AddSingleton<TimeProvider>(Time);
        _services.AddSingleton<IJobEngine>(new FakeJobEngine());
        _services.AddConsoleSecurity(new(_folder.Root, 0) { SignIn = SignInMode.Always });
        _provider = _services.BuildServiceProvider();
        await Get<ConsoleDatabase>().MigrateAsync();
        await Get<SecurityStart>().PrepareAsync();
    }

    public JobSpecification Specification(string name) => ConsoleHarness.Specification(_root, name) with { CustomModelName = $"{name}-tuned" };

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync() => (await Get<IAuditLog>().FindAsync(new(), 0, 1000)).Entries;

    /// <summary>An account with a password, and its owner as a page knows them.</summary>
    public async Task<Actor> AddAccountAsync(string name, ConsoleRole role)
    {
        await using AsyncServiceScope scope = _provider.CreateAsyncScope();
        UserManager<Account> users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        Account account = new() { UserName = name, Role = role };
        Assert.True((await users.CreateAsync(account, "a long enough password")).Succeeded);
        ClaimsPrincipal user = await scope.ServiceProvider.GetRequiredService<IUserClaimsPrincipalFactory<Account>>().CreateAsync(account);
        return Actor.Of(user, null);
    }

    /// <summary>Does something as somebody else.</summary>
    public async Task<T> InFlowAsync<T>(Actor actor, Func<Task<T>> act)
    {
        CurrentActor.Enter(actor);
        return await act();
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _folder.Dispose();
        _root.Dispose();
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
