using Microsoft.Data.Sqlite;

namespace RftConsole.Training.Backup;

/// <summary>A copy of a SQLite database that others may be writing to, by SQLite's online backup.</summary>
public static class DatabaseCopy
{
    /// <summary>Copies <paramref name="source"/> to <paramref name="target"/> as it is at one moment, as one file without side files.</summary>
    /// <exception cref="InvalidDataException">The source is no database, or is damaged.</exception>
    public static void Make(string source, string target)
    {
        try
        {
            using (SqliteConnection from = new(Connection(source, SqliteOpenMode.ReadWrite)))
            using (SqliteConnection to = new(Connection(target, SqliteOpenMode.ReadWriteCreate)))
            {
                from.Open();
                to.Open();
                from.BackupDatabase(to);
                Execute(to, "PRAGMA journal_mode=DELETE");
                if (Execute(to, "PRAGMA quick_check(1)") is not "ok" and var problem)
                {
                    throw new InvalidDataException($"{source} is damaged ({problem})");
                }
            }
        }
        catch (SqliteException e)
        {
            throw new InvalidDataException($"{source} cannot be copied ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    private static string? Execute(SqliteConnection connection, string statement)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar()?.ToString();
    }

    private static string Connection(string file, SqliteOpenMode mode) => new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 60 }.ToString();
}
