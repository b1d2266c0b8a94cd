namespace RftConsole.Training.Storage;

/// <summary>
/// A sealed file that grows: each append is a frame of its own with a new end behind it, in one write over the old end. Cut back, it goes on in a new session, so that what is written
/// then has other nonces than what stood there before. One writer at a time.
/// </summary>
internal sealed class SealedLog : IDisposable
{
    /// <summary>A length that keeps every whole frame: for logs that lose nothing of worth with their last line.</summary>
    public const long WhatIsWhole = long.MaxValue;

    private static readonly Lock[] s_locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    private readonly string _path;
    private readonly FrameCipher _cipher;
    private readonly Guid _session = Guid.NewGuid();
    private ulong _counter;
    private long _end;
    private long _frames;
    private byte[] _tag;
    private byte[] _endFrame = [];

    private SealedLog(string path, FrameCipher cipher, long end, long frames, byte[] tag, long length) =>
        (_path, _cipher, _end, _frames, _tag, Length) = (path, cipher, end, frames, tag, length);

    /// <summary>Of the plain text.</summary>
    public long Length { get; private set; }

    /// <summary>Of the file, where nobody else has written.</summary>
    public long FileLength => _end + SealedFormat.Overhead;

    /// <summary>Held while a log is written, and while a reader looks for its end.</summary>
    public static Lock LockOf(string path) => s_locks[(uint)StringComparer.Ordinal.GetHashCode(path) % (uint)s_locks.Length];

    /// <summary>Opens a log to write on, or begins it where it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Its data key.</param>
    /// <param name="name">Its name in its folder.</param>
    /// <param name="length">The plain text that is kept; what is behind it is cut off. Null keeps all, and wants the end to be there.</param>
    /// <exception cref="SealedFileException">What is to be kept does not decrypt, or is not there.</exception>
    public static SealedLog Open(string path, DataKey key, string name, long? length)
    {
        using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (length == 0 || file.Length == 0)
        {
            // Also where it was deleted by hand: what is gone can only be missed.
            byte[] head = SealedFormat.NewHead(key);
            file.SetLength(0);
            file.Write(head);
            SealedLog empty = new(path, new(key, head, name), SealedFormat.HeadSize, 0, new byte[SealedFormat.TagSize], 0);
            empty.WriteEnd(file);
            return empty;
        }

        FrameCipher cipher = new(key, SealedReader.ReadHead(path, file, key), name);
        try
        {
            SealedLog log = Walk(path, file, cipher, length);
            if (length is not null)
            {
                file.SetLength(log._end);
                log.WriteEnd(file);
            }

            return log;
        }
        catch
        {
            cipher.Dispose();
            throw;
        }
    }

    /// <summary>Appends all of it, or nothing.</summary>
    public void Append(ReadOnlySpan<byte> content)
    {
        int frames = (content.Length + SealedFormat.MostContent - 1) / SealedFormat.MostContent;
        byte[] written = new byte[content.Length + ((frames + 1) * SealedFormat.Overhead)];
        Span<byte> rest = written;
        byte[] tag = [.. _tag];
        for (int i = 0; i < frames; i++)
        {
            ReadOnlySpan<byte> part = content[(i * SealedFormat.MostContent)..Math.Min(content.Length, (i + 1) * SealedFormat.MostContent)];
            Seal(SealedFormat.Content, _frames + i, tag, part, rest[..(SealedFormat.Overhead + part.Length)]);
            rest = rest[(SealedFormat.Overhead + part.Length)..];
        }

        byte[] before = [.. tag];
        Seal(SealedFormat.End, _frames + frames, tag, [], rest);
        using FileStream file = new(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            file.Position = _end;
            file.Write(written);
        }
        catch (IOException)
        {
            file.SetLength(_end);
            file.Position = _end;
            file.Write(_endFrame);
            throw;
        }

        (_end, _frames, _tag, Length, _endFrame) = (_end + written.Length - SealedFormat.Overhead, _frames + frames, before, Length + content.Length, rest.ToArray());
    }

    public void Dispose() => _cipher.Dispose();

    /// <summary>Authenticates frame after frame, up to the end or to so much plain text.</summary>
    private static SealedLog Walk(string path, FileStream file, FrameCipher cipher, long? length)
    {
        FrameScan scan = new(file.SafeFileHandle, file.Length);
        byte[] tag = new byte[SealedFormat.TagSize];
        byte[] content = new byte[SealedFormat.MostContent];
        while (scan.Start != length && scan.Peek(out byte kind) is { } frame)
        {
            byte[] sealedFrame = FrameScan.Read(file.SafeFileHandle, frame);
            if (!cipher.TryOpen(sealedFrame, scan.Position, tag, content.AsSpan(0, frame.Length)))
            {
                break;
            }

            if (kind == SealedFormat.End)
            {
                if (length is null)
                {
                    return new(path, cipher, frame.Offset, scan.Position, tag, scan.Start) { _endFrame = sealedFrame };
                }

                break;
            }

            tag = sealedFrame[^SealedFormat.TagSize..];
            scan.Pass(frame);
        }

        Array.Clear(content);
        return scan.Start == length || length == WhatIsWhole
            ? new(path, cipher, scan.Offset, scan.Position, tag, scan.Start)
            : throw new SealedFileException(path, length is null ? "its end does not decrypt" : $"the first {length} bytes of it cannot be read");
    }

    private void WriteEnd(FileStream file)
    {
        byte[] frame = new byte[SealedFormat.Overhead];
        byte[] tag = [.. _tag];
        Seal(SealedFormat.End, _frames, tag, [], frame);
        file.Position = _end;
        file.Write(frame);
        _endFrame = frame;
    }

    /// <summary>Seals a frame with this session's next counter, and puts its tag in place of the one before it.</summary>
    private void Seal(byte kind, long position, byte[] tag, ReadOnlySpan<byte> content, Span<byte> target)
    {
        _cipher.Seal(kind, _session, _counter++, position, tag, content, target);
        target[^SealedFormat.TagSize..].CopyTo(tag);
    }
}
