namespace RftConsole.Training.Storage;

/// <summary>Writes a whole sealed file, piece by piece; it is one once it is disposed of.</summary>
internal sealed class SealedWriter : Stream
{
    private readonly FileStream _file;
    private readonly FrameCipher _cipher;
    private readonly Guid _session = Guid.NewGuid();
    private readonly byte[] _content = new byte[SealedFormat.MostContent];
    private readonly byte[] _frame = new byte[SealedFormat.MostContent + SealedFormat.Overhead];
    private readonly byte[] _tag = new byte[SealedFormat.TagSize];
    private int _filled;
    private long _frames;
    private long _length;
    private bool _ended;

    public SealedWriter(string path, DataKey key, string name)
    {
        _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        byte[] head = SealedFormat.NewHead(key);
        _file.Write(head);
        _cipher = new(key, head, name);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _length += buffer.Length;
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, _content.Length - _filled);
            buffer[..count].CopyTo(_content.AsSpan(_filled));
            _filled += count;
            buffer = buffer[count..];
            if (_filled == _content.Length)
            {
                Seal(SealedFormat.Content);
            }
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Nothing is written before a frame is full: frames must not depend on when somebody flushes.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            try
            {
                if (_filled > 0)
                {
                    Seal(SealedFormat.Content);
                }

                Seal(SealedFormat.End);
            }
            finally
            {
                Array.Clear(_content);
                _cipher.Dispose();
                _file.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private void Seal(byte kind)
    {
        Span<byte> frame = _frame.AsSpan(0, SealedFormat.Overhead + _filled);
        _cipher.Seal(kind, _session, (ulong)_frames, _frames, _tag, _content.AsSpan(0, _filled), frame);
        frame[^SealedFormat.TagSize..].CopyTo(_tag);
        _file.Write(frame);
        _frames++;
        _filled = 0;
    }
}
