using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Hosting;
using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Security;

/// <summary>What security needs before the first request: its tables, and a way in for the first administrator.</summary>
internal sealed partial class SecurityStart(IDbContextFactory<SecurityDbContext> contexts, DataFolder folder, ConsoleOptions options, SetUpLink setUp, IHostApplicationLifetime lifetime, ILogger<SecurityStart> log)
{
    /// <exception cref="StartupException">The database cannot be used.</exception>
    public async Task PrepareAsync()
    {
        if (folder.IsOpenToOthers)
        {
            LogOpen(folder.Root);
        }

        await using SecurityDbContext context = await contexts.CreateDbContextAsync();
        await SchemaMigration.RunAsync(context, folder.DatabaseFile);
        bool hasAdministrator = await context.Users.AnyAsync(account => account.Role == ConsoleRole.Administrator && !account.Disabled && account.PasswordHash != null);
        if (options.RequiresSignIn && (!hasAdministrator || options.SignIn == SignInMode.SetUp))
        {
            lifetime.ApplicationStarted.Register(PrintLink);
        }
    }

    /// <summary>To standard output and not to the log, which may be kept and sent elsewhere.</summary>
    private void PrintLink() => Console.WriteLine(
        $"To set up the administrator, open this link within {SetUpLink.Lifetime.TotalMinutes:0} minutes; it works once: {MachineNames.PublicAddress(options)}{setUp.Create()}");

    [LoggerMessage(LogLevel.Warning, "Other users of this machine can enter the data folder {Folder}, which holds prompts, answers and keys; chmod 700 keeps them out")]
    private partial void LogOpen(string folder);
}
