namespace RftConsole.Tests.Jobs.Faults;

/// <summary>Changes of the file system, as the kernel reports them.</summary>
internal static class FileChanges
{
    /// <summary>Waits for the n-th change below <paramref name="folder"/>, which is made where it is missing, that concerns <paramref name="part"/> of a path.</summary>
    /// <returns>False where <paramref name="ended"/> came first.</returns>
    public static async Task<bool> SeesAsync(string folder, string part, int number, Task ended)
    {
        Directory.CreateDirectory(folder);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int seen = 0;
        using var watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        void Count(object sender, FileSystemEventArgs change)
        {
            string path = (change as RenamedEventArgs)?.OldFullPath ?? change.FullPath;
            if (path.Contains(part, StringComparison.Ordinal) && Interlocked.Increment(ref seen) >= number)
            {
                reached.TrySetResult();
            }
        }

        watcher.Created += Count;
        watcher.Changed += Count;
        watcher.Renamed += Count;
        watcher.EnableRaisingEvents = true;
        return await Task.WhenAny(reached.Task, ended).WaitAsync(JobProcess.Patience) == reached.Task;
    }
}
