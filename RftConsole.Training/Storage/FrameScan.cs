using System.Buffers.Binary;

using Microsoft.Win32.SafeHandles;

namespace RftConsole.Training.Storage;

/// <summary>Where a frame lies in its file.</summary>
/// <param name="Offset">Of the frame.</param>
/// <param name="Length">Of its content.</param>
/// <param name="Start">Of its content in the plain text.</param>
internal readonly record struct FramePlace(long Offset, int Length, long Start);

/// <summary>Walks through the frames of a file by their heads.</summary>
internal sealed class FrameScan(SafeFileHandle file, long fileLength)
{
    private readonly byte[] _head = new byte[SealedFormat.FrameHeadSize];

    /// <summary>Where the next frame begins.</summary>
    public long Offset { get; private set; } = SealedFormat.HeadSize;

    /// <summary>Plain text before it.</summary>
    public long Start { get; private set; }

    /// <summary>Frames before it.</summary>
    public long Position { get; private set; }

    /// <summary>Looks at the next frame; null where none is whole.</summary>
    public FramePlace? Peek(out byte kind)
    {
        kind = 0;
        if (fileLength - Offset < SealedFormat.Overhead || RandomAccess.Read(file, _head, Offset) < _head.Length)
        {
            return null;
        }

        kind = _head[0];
        int length = BinaryPrimitives.ReadInt32LittleEndian(_head.AsSpan(1));
        return kind is SealedFormat.Content or SealedFormat.End && length is >= 0 and <= SealedFormat.MostContent && fileLength - Offset - SealedFormat.Overhead >= length
            ? new(Offset, length, Start)
            : null;
    }

    /// <summary>Goes past the frame.</summary>
    public void Pass(FramePlace frame)
    {
        Offset = frame.Offset + SealedFormat.Overhead + frame.Length;
        Start += frame.Length;
        Position++;
    }

    /// <summary>The tag that stands before an offset; zeros before the first frame.</summary>
    public static byte[] TagBefore(SafeFileHandle file, long offset)
    {
        byte[] tag = new byte[SealedFormat.TagSize];
        if (offset > SealedFormat.HeadSize)
        {
            RandomAccess.Read(file, tag, offset - tag.Length);
        }

        return tag;
    }

    /// <summary>Reads a whole frame.</summary>
    public static byte[] Read(SafeFileHandle file, FramePlace frame)
    {
        byte[] bytes = new byte[SealedFormat.Overhead + frame.Length];
        int read = 0;
        for (int got = -1; read < bytes.Length && got != 0; read += got)
        {
            got = RandomAccess.Read(file, bytes.AsSpan(read), frame.Offset + read);
        }

        return bytes;
    }
}
