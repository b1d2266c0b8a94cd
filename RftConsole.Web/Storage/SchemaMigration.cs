using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Backup;

namespace RftConsole.Web.Storage;

/// <summary>Brings a database file to the schema of this version.</summary>
internal static class SchemaMigration
{
    /// <summary>Applies what is missing; an older database is copied beside itself before.</summary>
    /// <returns>The copy; null where none was needed.</returns>
    /// <exception cref="StartupException">The file is no database, is damaged, or comes from a newer console; it is left as it was.</exception>
    public static async Task<string?> RunAsync(DbContext context, string file, CancellationToken cancellationToken = default)
    {
        try
        {
            HashSet<string> known = [.. context.Database.GetMigrations()];
            string[] applied = [.. await context.Database.GetAppliedMigrationsAsync(cancellationToken)];
            if (applied.FirstOrDefault(name => !known.Contains(name)) is { } newer)
            {
                throw new StartupException($"{file} was written by a newer console (it has the migration {newer}): start that version, or choose another folder with --data DIR.");
            }

            string? copy = applied.Length > 0 && applied.Length < known.Count ? CopyBefore(file, known.Except(applied).Order(StringComparer.Ordinal).First()) : null;
            await context.Database.MigrateAsync(cancellationToken);
            return copy;
        }
        catch (Exception problem) when (problem is SqliteException or InvalidDataException or IOException)
        {
            throw new StartupException($"The database {file} cannot be used ({problem.Message.ReplaceLineEndings(" ")}): restore it from a backup, or choose another folder with --data DIR.");
        }
    }

    private static string CopyBefore(string file, string migration)
    {
        string copy = $"{file}.before-{migration}";
        if (!File.Exists(copy))
        {
            // A copy that was cut off must not pass for one.
            string staged = copy + ".staged";
            File.Delete(staged);
            DatabaseCopy.Make(file, staged);
            File.Move(staged, copy);
        }

        return copy;
    }
}
