namespace RftConsole.Training.Storage;

/// <summary>Reads a sealed file as its plain text, from any position. What it gives has been authenticated; the file is as it was when it was opened, also while a log grows.</summary>
internal sealed class SealedReader : Stream
{
    private readonly FileStream _file;
    private readonly FrameCipher _cipher;
    private readonly string _path;
    private readonly List<FramePlace> _frames = [];
    private readonly long _length;
    private byte[] _content = [];
    private int _current = -1;
    private long _position;

    /// <exception cref="SealedFileException">Its end is not there, or it is another key's.</exception>
    public SealedReader(string path, DataKey key, string name)
    {
        _path = path;
        _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            _cipher = new(key, ReadHead(path, _file, key), name);
            lock (SealedLog.LockOf(path))
            {
                _length = Index();
            }
        }
        catch
        {
            _cipher?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_position >= _length || buffer.IsEmpty)
        {
            return 0;
        }

        Load(_position);
        FramePlace frame = _frames[_current];
        int from = (int)(_position - frame.Start);
        int count = Math.Min(buffer.Length, frame.Length - from);
        _content.AsSpan(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => _length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    internal static byte[] ReadHead(string path, FileStream file, DataKey key)
    {
        byte[] head = new byte[SealedFormat.HeadSize];
        if (RandomAccess.Read(file.SafeFileHandle, head, 0) < head.Length || !head.AsSpan(0, 8).SequenceEqual(SealedFormat.Mark))
        {
            throw new SealedFileException(path, "does not begin as an encrypted file does");
        }

        return new Guid(head.AsSpan(8 + SealedFormat.IdSize)) == key.Id ? head : throw new SealedFileException(path, "is encrypted with another data key than its folder's");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _cipher.Dispose();
            _file.Dispose();
            Array.Clear(_content);
        }

        base.Dispose(disposing);
    }

    /// <summary>Finds all frames, and sees that the last one is the end.</summary>
    private long Index()
    {
        long fileLength = _file.Length;
        FrameScan scan = new(_file.SafeFileHandle, fileLength);
        while (scan.Peek(out byte kind) is { } frame)
        {
            if (kind == SealedFormat.End)
            {
                bool whole = frame.Length == 0 && frame.Offset + SealedFormat.Overhead == fileLength
                    && _cipher.TryOpen(FrameScan.Read(_file.SafeFileHandle, frame), scan.Position, FrameScan.TagBefore(_file.SafeFileHandle, frame.Offset), []);
                return whole ? scan.Start : throw new SealedFileException(_path, "its end does not decrypt");
            }

            _frames.Add(frame);
            scan.Pass(frame);
        }

        throw new SealedFileException(_path, "its end is missing");
    }

    /// <summary>Decrypts the frame that holds a position.</summary>
    private void Load(long position)
    {
        if (_current >= 0 && _frames[_current] is var now && position >= now.Start && position < now.Start + now.Length)
        {
            return;
        }

        int index = _frames.BinarySearch(new(0, 0, position), Comparer<FramePlace>.Create((a, b) => a.Start.CompareTo(b.Start)));
        index = index >= 0 ? index : ~index - 1;
        // Of frames that begin at the same place all but the last are empty.
        while (index + 1 < _frames.Count && _frames[index + 1].Start <= position)
        {
            index++;
        }

        FramePlace frame = _frames[index];
        byte[] content = new byte[frame.Length];
        if (!_cipher.TryOpen(FrameScan.Read(_file.SafeFileHandle, frame), index, FrameScan.TagBefore(_file.SafeFileHandle, frame.Offset), content))
        {
            throw new SealedFileException(_path, $"bytes {frame.Start} to {frame.Start + frame.Length} do not decrypt");
        }

        Array.Clear(_content);
        (_content, _current) = (content, index);
    }
}
