using System.Security.Cryptography;

namespace RftConsole.Training.Storage.Keys;

/// <summary>Wraps data keys with a key of 32 bytes: salt (16), the key encrypted with AES-256-GCM under a key derived from both by HKDF, tag (16). The data key's id is authenticated.</summary>
internal static class KeyWrap
{
    private const int SaltSize = 16;

    public static byte[] Wrap(ReadOnlySpan<byte> wrapping, DataKey key)
    {
        byte[] wrapped = new byte[SaltSize + DataKey.Size + SealedFormat.TagSize];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, SaltSize));
        // The salt makes the key that encrypts one that nothing else is encrypted with; one nonce is enough for it.
        using AesGcm cipher = Cipher(wrapping, wrapped.AsSpan(0, SaltSize));
        cipher.Encrypt(new byte[12], key.Secret, wrapped.AsSpan(SaltSize, DataKey.Size), wrapped.AsSpan(SaltSize + DataKey.Size), key.Id.ToByteArray());
        return wrapped;
    }

    /// <returns>Null where it is another key's, or damaged.</returns>
    public static DataKey? Unwrap(ReadOnlySpan<byte> wrapping, Guid id, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length != SaltSize + DataKey.Size + SealedFormat.TagSize)
        {
            return null;
        }

        using AesGcm cipher = Cipher(wrapping, wrapped[..SaltSize]);
        byte[] secret = new byte[DataKey.Size];
        try
        {
            cipher.Decrypt(new byte[12], wrapped.Slice(SaltSize, DataKey.Size), wrapped[^SealedFormat.TagSize..], secret, id.ToByteArray());
            return new(id, secret);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>What tells this key from others, and nothing about it.</summary>
    public static byte[] CheckOf(ReadOnlySpan<byte> wrapping)
    {
        byte[] check = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, wrapping, check, [], "rftconsole key check"u8);
        return check;
    }

    private static AesGcm Cipher(ReadOnlySpan<byte> wrapping, ReadOnlySpan<byte> salt)
    {
        Span<byte> derived = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, wrapping, derived, salt, "rftconsole key wrap"u8);
        AesGcm cipher = new(derived, SealedFormat.TagSize);
        CryptographicOperations.ZeroMemory(derived);
        return cipher;
    }
}
