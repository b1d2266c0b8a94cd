using System.Text;

namespace RftConsole.Training.Storage;

/// <summary>
/// The one way to files that may be encrypted: jobs' artefacts, checkpoints, adapters, data sets. In a folder without a data key they are what they always were, at no cost;
/// in one that has a data key nothing is written or read but sealed files. Lengths and positions are those of the plain text.
/// </summary>
public static class VaultFiles
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Opens a file to read; the stream can seek.</summary>
    /// <exception cref="KeyUnavailableException">It is encrypted, and its key is locked or lost.</exception>
    /// <exception cref="SealedFileException">It is encrypted, and not what was written.</exception>
    public static Stream OpenRead(string path)
    {
        string full = Path.GetFullPath(path);
        if (SealedFolders.Find(full) is { } folder)
        {
            return folder.OpenRead(full);
        }

        FileStream stream = new(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(SealedFormat.Mark))
        {
            stream.Dispose();
            throw new KeyUnavailableException($"{full} is encrypted, and the data key that belongs beside it ({SealedFolders.KeyFile}) is not there: it was destroyed, or the file was taken out of its folder");
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>Begins a file anew; it is whole once the stream is disposed of.</summary>
    /// <param name="path">The file.</param>
    /// <param name="becomes">What it will be renamed to, in the same encrypted folder; null where it keeps its name.</param>
    /// <exception cref="KeyUnavailableException">Its folder is encrypted, and the key is locked or lost.</exception>
    public static Stream Create(string path, string? becomes = null)
    {
        string full = Path.GetFullPath(path);
        return SealedFolders.Find(full) is { } folder ? folder.Create(full, Path.GetFullPath(becomes ?? path)) : new FileStream(full, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
    }

    /// <summary>Appends all of it or nothing: on a full disk no line is left half written.</summary>
    /// <exception cref="KeyUnavailableException">Its folder is encrypted, and the key is locked or lost.</exception>
    public static void Append(string path, ReadOnlySpan<byte> content)
    {
        string full = Path.GetFullPath(path);
        if (SealedFolders.Find(full) is { } folder)
        {
            folder.Append(full, content);
            return;
        }

        using var stream = new FileStream(full, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long length = stream.Seek(0, SeekOrigin.End);
        try
        {
            stream.Write(content);
        }
        catch (IOException)
        {
            stream.SetLength(length);
            throw;
        }
    }

    /// <summary>Cuts a file that grows back to a length that it had, or begins it.</summary>
    /// <exception cref="SealedFileException">It is encrypted, and so much of it cannot be read.</exception>
    public static void CutBack(string path, long length)
    {
        string full = Path.GetFullPath(path);
        if (SealedFolders.Find(full) is { } folder)
        {
            folder.CutBack(full, length);
            return;
        }

        using var stream = new FileStream(full, FileMode.OpenOrCreate, FileAccess.Write);
        stream.SetLength(Math.Min(stream.Length, length));
    }

    /// <summary>Makes a file that grows, and that a kill may have cut off in the middle of a line, one that can be read and appended to. It need not be there.</summary>
    public static void Mend(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full) && SealedFolders.Find(full) is { } folder)
        {
            folder.Mend(full);
        }
    }

    /// <summary>The length of a file's content.</summary>
    public static long Length(string path)
    {
        using Stream stream = OpenRead(path);
        return stream.Length;
    }

    /// <summary>Waits until the disk has a file that grows; its length.</summary>
    public static long FlushLog(string path)
    {
        string full = Path.GetFullPath(path);
        using var stream = new FileStream(full, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
        return SealedFolders.Find(full) is { } folder ? folder.LogLength(full) : stream.Length;
    }

    public static byte[] ReadAllBytes(string path)
    {
        using Stream stream = OpenRead(path);
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    public static string ReadAllText(string path)
    {
        using StreamReader reader = new(OpenRead(path), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    public static IEnumerable<string> ReadLines(string path)
    {
        using StreamReader reader = new(OpenRead(path), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Moves a file, or copies it where one of the folders is encrypted and the other is not, or is so with another key.</summary>
    public static void Move(string source, string target)
    {
        if (!IsEncrypted(source) && !IsEncrypted(target))
        {
            File.Move(source, target);
            return;
        }

        Copy(source, target);
        File.Delete(source);
    }

    /// <summary>Whether a file's folder is encrypted, whatever its key.</summary>
    public static bool IsEncrypted(string path) => SealedFolders.IsEncrypted(path);

    /// <summary>Copies a file from one folder to another: what it is encrypted with is decided by each of them.</summary>
    public static void Copy(string source, string target) => Copy(source, target, null, CancellationToken.None);

    /// <summary>The same for large files.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Its copy.</param>
    /// <param name="copied">Hears of the bytes of each piece that went from an encrypted folder to a plain one or back; null for nobody.</param>
    /// <param name="cancellationToken">Ends it; the copy is incomplete then.</param>
    public static void Copy(string source, string target, Action<long>? copied, CancellationToken cancellationToken)
    {
        if (!IsEncrypted(source) && !IsEncrypted(target))
        {
            File.Copy(source, target, overwrite: true);
            return;
        }

        using Stream from = OpenRead(source);
        using Stream to = Create(target);
        byte[] piece = new byte[PieceBytes];
        for (int read; (read = from.Read(piece)) > 0; copied?.Invoke(read))
        {
            cancellationToken.ThrowIfCancellationRequested();
            to.Write(piece, 0, read);
        }
    }
}
