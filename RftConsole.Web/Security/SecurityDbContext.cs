using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Security.Audit;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Security;

/// <summary>Accounts and the audit log, in the console's database file, with a history of migrations of their own.</summary>
internal sealed class SecurityDbContext(DbContextOptions<SecurityDbContext> options) : IdentityUserContext<Account>(options)
{
    /// <summary>The table that says which migrations were applied.</summary>
    public const string HistoryTable = "__SecurityMigrationsHistory";

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    /// <summary>The options of a context on a database file.</summary>
    public static void Configure(DbContextOptionsBuilder options, string file) =>
        options.UseSqlite($"Data Source={file}", sqlite => sqlite.MigrationsHistoryTable(HistoryTable));

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<ConsoleRole>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<Account>().ToTable("Accounts");
        builder.Entity<IdentityUserClaim<string>>().ToTable("AccountClaims");
        builder.Entity<IdentityUserLogin<string>>().ToTable("AccountLogins");
        builder.Entity<IdentityUserToken<string>>().ToTable("AccountTokens");
        builder.Entity<AuditRow>(entry =>
        {
            entry.ToTable("AuditLog");
            entry.HasKey(row => row.Id);
            entry.HasIndex(row => row.Time);
        });
    }
}

/// <summary>Gives <c>dotnet ef</c> a context without starting a console.</summary>
internal sealed class SecurityDesignTimeFactory : IDesignTimeDbContextFactory<SecurityDbContext>
{
    public SecurityDbContext CreateDbContext(string[] args)
    {
        DbContextOptionsBuilder<SecurityDbContext> options = new();
        SecurityDbContext.Configure(options, "design-time.db");
        return new(options.Options);
    }
}
