using Microsoft.EntityFrameworkCore;

namespace RftConsole.Web.Storage;

/// <summary>Settings of the console by key.</summary>
internal sealed class SettingStore(IDbContextFactory<ConsoleDbContext> contexts)
{
    /// <summary>The value; null where there is none.</summary>
    public async Task<string?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await context.Settings.AsNoTracking().SingleOrDefaultAsync(row => row.Key == key, cancellationToken))?.Value;
    }

    /// <summary>Keeps a value; null removes it.</summary>
    public async Task SetAsync(string key, string? value, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        SettingRow? row = await context.Settings.FindAsync([key], cancellationToken);
        if (value is null)
        {
            if (row is not null)
            {
                context.Settings.Remove(row);
            }
        }
        else if (row is null)
        {
            context.Settings.Add(new() { Key = key, Value = value });
        }
        else
        {
            row.Value = value;
        }

        await context.SaveChangesAsync(cancellationToken);
    }
}
