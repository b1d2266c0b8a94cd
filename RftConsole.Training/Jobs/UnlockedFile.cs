using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

using Microsoft.Win32.SafeHandles;

namespace RftConsole.Training.Jobs;

/// <summary>A small text file, read and written without the lock that .NET takes on whatever it opens: somebody may hold an exclusive one on it.</summary>
internal static partial class UnlockedFile
{
    // Of Linux.
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int Truncate = 0x200;
    private const int CloseOnExec = 0x80000;

    /// <summary>Its text; empty where it cannot be read.</summary>
    public static string Read(string path)
    {
        using var handle = new SafeFileHandle(OperatingSystem.IsLinux() ? Open(path, ReadOnly | CloseOnExec) : -1, ownsHandle: true);
        byte[] content = new byte[4096];
        return handle.IsInvalid ? "" : Encoding.UTF8.GetString(content, 0, RandomAccess.Read(handle, content, 0));
    }

    /// <summary>Replaces the text of a file that exists.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string text)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var handle = new SafeFileHandle(Open(path, WriteOnly | Truncate | CloseOnExec), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }

        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(text), 0);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint Open(string path, int flags);
}
