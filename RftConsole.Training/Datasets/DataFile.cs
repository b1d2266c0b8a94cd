using System.IO.Compression;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets;

/// <summary>Opens files of records, plain or compressed with gzip: by what they hold, whatever they are called.</summary>
public static class DataFile
{
    /// <summary>The file's text; reading it throws <see cref="InvalidDataException"/> where compressed data is damaged.</summary>
    /// <exception cref="UserInputException">The file is missing or cannot be read, or it is encrypted and its key is locked or lost.</exception>
    public static Stream Open(string path)
    {
        try
        {
            return Decompressed(VaultFiles.OpenRead(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>The stream itself, or what it decompresses to; it must be seekable.</summary>
    public static Stream Decompressed(Stream stream)
    {
        Span<byte> start = stackalloc byte[2];
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Seek(-read, SeekOrigin.Current);
        return read == start.Length && start is [0x1F, 0x8B] ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    /// <summary>The one-line error for a file that cannot be read.</summary>
    internal static UserInputException Unreadable(string path, Exception e) => new($"{path} cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
}
