namespace RftConsole.Training.Backup;

/// <summary>What of a console's data folder is worth keeping, and how each part changes.</summary>
internal static class DataFolderLayout
{
    /// <summary>The SQLite database, in the root.</summary>
    public const string Database = "console.db";

    /// <summary>Folders of jobs, in the root; each is a <see cref="Jobs.JobFolder"/>.</summary>
    public const string Jobs = "jobs";

    /// <summary>Checkpoints, in a job's folder; the folder of each is written once and never changed.</summary>
    public const string Checkpoints = "checkpoints";

    private static readonly EnumerationOptions s_all = new() { AttributesToSkip = FileAttributes.None };

    /// <summary>Locks, the database's side files, unfinished uploads and whatever is still being written.</summary>
    /// <param name="relativePath">With <c>/</c>.</param>
    public static bool IsPassing(string relativePath)
    {
        string name = Path.GetFileName(relativePath);
        return relativePath is "console.lock" or "console.db-wal" or "console.db-shm" or "console.db-journal" or "uploads"
            || name is "job.lock"
            || name.StartsWith("write-probe-", StringComparison.Ordinal)
            || name.StartsWith(".staged-", StringComparison.Ordinal)
            || name.StartsWith(".pruned-", StringComparison.Ordinal)
            || name.EndsWith(".staged", StringComparison.Ordinal);
    }

    /// <summary>The files below a folder, relative to <paramref name="root"/> with <c>/</c>, in order of name. Links to folders are not followed; what disappears meanwhile is left out.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="folder">Relative to it; empty for all of it.</param>
    public static IEnumerable<string> Files(string root, string folder = "")
    {
        DirectoryInfo here = new(Path.Combine(root, folder));
        FileSystemInfo[] entries;
        try
        {
            entries = [.. here.EnumerateFileSystemInfos("*", s_all).OrderBy(x => x.Name, StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            yield break;
        }

        foreach (var entry in entries)
        {
            string relative = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
            if (IsPassing(relative))
            {
                continue;
            }

            if (entry is FileInfo)
            {
                yield return relative;
            }
            else if (entry.LinkTarget is null)
            {
                foreach (string below in Files(root, relative))
                {
                    yield return below;
                }
            }
        }
    }
}
