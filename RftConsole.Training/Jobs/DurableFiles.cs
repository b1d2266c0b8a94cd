using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Jobs;

/// <summary>Writes that survive a power cut once they return.</summary>
internal static partial class DurableFiles
{
    /// <summary>Writes a file and waits until the disk has it.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> content)
    {
        using (var stream = VaultFiles.Create(path))
        {
            stream.Write(content);
        }

        Flush(path);
    }

    /// <summary>Writes a file beside its place and renames it there: a reader, and a kill, finds the old one or the new one.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string staged = path + ".staged";
        using (var stream = VaultFiles.Create(staged, path))
        {
            stream.Write(content);
        }

        Flush(staged);
        File.Move(staged, path, overwrite: true);
    }

    /// <summary>As <see cref="Replace"/>, and never encrypted.</summary>
    public static void ReplacePlain(string path, ReadOnlySpan<byte> content)
    {
        string staged = path + ".staged";
        using (var stream = new FileStream(staged, FileMode.Create, FileAccess.Write))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(staged, path, overwrite: true);
    }

    /// <summary>Waits until the disk has a file that somebody else wrote.</summary>
    public static void Flush(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Waits until the disk has a folder's entries, so that a rename inside it lasts.</summary>
    public static void FlushFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // .NET opens no folders; O_RDONLY | O_DIRECTORY on Linux.
        using var handle = new SafeFileHandle(Open(path, 0x10000), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            RandomAccess.FlushToDisk(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);
}
