using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RftConsole.Training.Storage;

/// <summary>A sealed file is not what was written: damaged, cut off, put together from parts, or another file in its place.</summary>
public sealed class SealedFileException(string path, string what) : IOException($"{path}: {what}; it was damaged or changed, or is another file in this one's place. Restore it from a backup");

/// <summary>
/// The form of an encrypted file. A head: the mark <c>RFTSEAL1</c>, a random file id (16 bytes), the data key's id (16). Then frames: kind (1), length of the content (4, little-endian),
/// counter (8), session (16), the content encrypted with AES-256-GCM, its tag (16). The last frame is of kind <see cref="End"/> and empty.
/// </summary>
/// <remarks>
/// The key of a frame is derived from the data key, the file id and the session; a session is drawn anew by whoever opens the file for writing, and counts its frames. So no nonce
/// is used twice with a key, also where a file is cut back and written on after a crash. Authenticated with each frame are the file's name in its folder, the frame's head, its position,
/// and the tag of the frame before it: nothing can be cut off, moved, repeated, spliced or put in another file's place without being noticed.
/// </remarks>
internal static class SealedFormat
{
    public const int TagSize = 16;
    public const int IdSize = 16;
    public const int HeadSize = 8 + IdSize + IdSize;
    public const int FrameHeadSize = 1 + 4 + 8 + IdSize;
    public const int Overhead = FrameHeadSize + TagSize;

    /// <summary>Content of a whole file's frames; frames of a log are as long as what was appended at once, and at most this.</summary>
    public const int MostContent = 64 << 10;

    public const byte Content = 1;
    public const byte End = 2;

    public static ReadOnlySpan<byte> Mark => "RFTSEAL1"u8;

    /// <summary>The head of a new file.</summary>
    public static byte[] NewHead(DataKey key)
    {
        byte[] head = new byte[HeadSize];
        Mark.CopyTo(head);
        RandomNumberGenerator.Fill(head.AsSpan(8, IdSize));
        key.Id.TryWriteBytes(head.AsSpan(8 + IdSize));
        return head;
    }

    /// <summary>Whether a file begins as a sealed one; false where it is not there.</summary>
    public static bool IsSealed(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> start = stackalloc byte[8];
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(Mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>Seals and opens the frames of one file.</summary>
internal sealed class FrameCipher : IDisposable
{
    private readonly DataKey _key;
    private readonly byte[] _fileId;
    private readonly byte[] _name;
    private readonly Dictionary<Guid, AesGcm> _sessions = [];

    /// <param name="key">The data key.</param>
    /// <param name="head">The file's head.</param>
    /// <param name="name">Its name in its folder.</param>
    public FrameCipher(DataKey key, ReadOnlySpan<byte> head, string name)
    {
        _key = key;
        _fileId = head.Slice(8, SealedFormat.IdSize).ToArray();
        _name = SHA256.HashData(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>Seals a frame into <paramref name="target"/>, <see cref="SealedFormat.Overhead"/> longer than the content.</summary>
    public void Seal(byte kind, Guid session, ulong counter, long position, ReadOnlySpan<byte> tagBefore, ReadOnlySpan<byte> content, Span<byte> target)
    {
        target[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], content.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(target[5..], counter);
        session.TryWriteBytes(target[13..]);
        Span<byte> nonce = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, counter);
        Span<byte> authenticated = stackalloc byte[32 + SealedFormat.FrameHeadSize + 8 + SealedFormat.TagSize];
        Authenticated(target[..SealedFormat.FrameHeadSize], position, tagBefore, authenticated);
        Cipher(session).Encrypt(nonce, content, target.Slice(SealedFormat.FrameHeadSize, content.Length), target.Slice(SealedFormat.FrameHeadSize + content.Length, SealedFormat.TagSize), authenticated);
    }

    /// <summary>Opens a whole frame into <paramref name="content"/>; false where it is not what was sealed.</summary>
    public bool TryOpen(ReadOnlySpan<byte> frame, long position, ReadOnlySpan<byte> tagBefore, Span<byte> content)
    {
        Span<byte> nonce = stackalloc byte[12];
        frame.Slice(5, 8).CopyTo(nonce);
        Span<byte> authenticated = stackalloc byte[32 + SealedFormat.FrameHeadSize + 8 + SealedFormat.TagSize];
        Authenticated(frame[..SealedFormat.FrameHeadSize], position, tagBefore, authenticated);
        try
        {
            Cipher(new Guid(frame.Slice(13, SealedFormat.IdSize))).Decrypt(nonce, frame[SealedFormat.FrameHeadSize..^SealedFormat.TagSize], frame[^SealedFormat.TagSize..], content, authenticated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (AesGcm cipher in _sessions.Values)
        {
            cipher.Dispose();
        }

        _sessions.Clear();
    }

    private void Authenticated(ReadOnlySpan<byte> frameHead, long position, ReadOnlySpan<byte> tagBefore, Span<byte> target)
    {
        _name.CopyTo(target);
        frameHead.CopyTo(target[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[(32 + SealedFormat.FrameHeadSize)..], position);
        tagBefore.CopyTo(target[(40 + SealedFormat.FrameHeadSize)..]);
    }

    private AesGcm Cipher(Guid session)
    {
        if (!_sessions.TryGetValue(session, out AesGcm? cipher))
        {
            Span<byte> purpose = stackalloc byte[22 + SealedFormat.IdSize];
            "rftconsole file frame "u8.CopyTo(purpose);
            session.TryWriteBytes(purpose[22..]);
            _sessions[session] = cipher = _key.Derive(_fileId, purpose);
        }

        return cipher;
    }
}
