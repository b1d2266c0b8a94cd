using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RftConsole.Training.Storage;

/// <summary>Encrypts single texts, such as a database's values: session (16 bytes), counter (8), content, tag (16). Safe for use from several threads.</summary>
/// <remarks>The session is drawn when this is made, its key derived from the data key, and its texts are counted: no nonce is used twice.</remarks>
public sealed class SealedText
{
    private const int HeadSize = SealedFormat.IdSize + 8;

    private readonly DataKey _key;
    private readonly Guid _session = Guid.NewGuid();
    private readonly AesGcm _cipher;
    private readonly Lock _lock = new();
    private (Guid Session, AesGcm Cipher) _other;
    private long _counter;

    /// <param name="key">The data key.</param>
    public SealedText(DataKey key)
    {
        _key = key;
        _cipher = Cipher(_session);
    }

    /// <param name="place">Where it stands, such as a table, a row and a column: it opens there alone.</param>
    /// <param name="text">The text.</param>
    public byte[] Seal(string place, string text)
    {
        byte[] plain = Encoding.UTF8.GetBytes(text);
        byte[] value = new byte[HeadSize + plain.Length + SealedFormat.TagSize];
        _session.TryWriteBytes(value);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(SealedFormat.IdSize), Interlocked.Increment(ref _counter));
        Span<byte> nonce = stackalloc byte[12];
        value.AsSpan(SealedFormat.IdSize, 8).CopyTo(nonce);
        lock (_lock)
        {
            _cipher.Encrypt(nonce, plain, value.AsSpan(HeadSize, plain.Length), value.AsSpan(HeadSize + plain.Length), Encoding.UTF8.GetBytes(place));
        }

        return value;
    }

    /// <exception cref="InvalidDataException">It is not what was sealed for this place.</exception>
    public string Open(string place, ReadOnlySpan<byte> value)
    {
        if (value.Length < HeadSize + SealedFormat.TagSize)
        {
            throw new InvalidDataException($"The encrypted text of {place} is cut off.");
        }

        Guid session = new(value[..SealedFormat.IdSize]);
        Span<byte> nonce = stackalloc byte[12];
        value.Slice(SealedFormat.IdSize, 8).CopyTo(nonce);
        byte[] plain = new byte[value.Length - HeadSize - SealedFormat.TagSize];
        lock (_lock)
        {
            AesGcm cipher = session == _session ? _cipher : Other(session);
            try
            {
                cipher.Decrypt(nonce, value[HeadSize..^SealedFormat.TagSize], value[^SealedFormat.TagSize..], plain, Encoding.UTF8.GetBytes(place));
            }
            catch (AuthenticationTagMismatchException e)
            {
                throw new InvalidDataException($"The encrypted text of {place} was damaged or changed, or belongs elsewhere.", e);
            }
        }

        return Encoding.UTF8.GetString(plain);
    }

    private AesGcm Other(Guid session)
    {
        if (_other.Session != session)
        {
            _other.Cipher?.Dispose();
            _other = (session, Cipher(session));
        }

        return _other.Cipher;
    }

    private AesGcm Cipher(Guid session) => _key.Derive(session.ToByteArray(), "rftconsole text"u8);
}
