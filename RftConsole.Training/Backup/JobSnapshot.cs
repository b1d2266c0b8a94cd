using System.Runtime.InteropServices;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Backup;

/// <summary>
/// The folder of one job as it is at one moment, while the job may run: its checkpoints first, then what grows by step. The growing files are therefore never
/// shorter than a checkpoint says, and a resume cuts them back to it.
/// </summary>
internal static partial class JobSnapshot
{
    /// <summary>A checkpoint that is pruned while it is read makes the reader begin again; a job does that once a checkpoint interval.</summary>
    private const int Attempts = 20;

    /// <summary>Makes a copy of a job's folder; links stand in for the files that never change, where the file system has links.</summary>
    /// <param name="source">The job's folder.</param>
    /// <param name="target">A folder that does not exist yet.</param>
    /// <exception cref="IOException">It kept changing, or cannot be read or written.</exception>
    public static void Take(string source, string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                CopyOnce(source, target);
                return;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && attempt < Attempts)
            {
                Directory.Delete(target, recursive: true);
            }
        }
    }

    /// <summary>Tells whether a job ended, or ended once more, between two moments.</summary>
    public static string EndMark(string source)
    {
        DirectoryInfo adapter = new(new JobFolder(source).Adapter);
        return adapter.Exists ? string.Join(',', adapter.EnumerateFiles().OrderBy(x => x.Name, StringComparer.Ordinal).Select(x => FormattableString.Invariant($"{x.Name}:{x.Length}:{x.LastWriteTimeUtc.Ticks}"))) : "";
    }

    private static void CopyOnce(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in DataFolderLayout.Files(source, DataFolderLayout.Checkpoints))
        {
            Copy(source, target, file, unchanging: true);
        }

        foreach (string file in DataFolderLayout.Files(source).Where(x => !x.StartsWith(DataFolderLayout.Checkpoints + "/", StringComparison.Ordinal)))
        {
            Copy(source, target, file, unchanging: false);
        }
    }

    private static void Copy(string source, string target, string file, bool unchanging)
    {
        string from = Path.Combine(source, file);
        string to = Path.Combine(target, file);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (unchanging && OperatingSystem.IsLinux() && Link(from, to) == 0)
        {
            return;
        }

        using FileStream reader = new(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using FileStream writer = new(to, FileMode.CreateNew, FileAccess.Write);
        reader.CopyTo(writer);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
