using System.Security.Cryptography;

namespace RftConsole.Training.Storage;

/// <summary>The key that a job's, a model's or a data set's content is encrypted with. Each has its own, and it is kept wrapped by a key of the customer's choice.</summary>
public sealed class DataKey
{
    /// <summary>Bytes of a key: AES-256.</summary>
    public const int Size = 32;

    private readonly byte[] _secret;

    /// <param name="id">Which key it is; no secret.</param>
    /// <param name="secret">32 bytes.</param>
    public DataKey(Guid id, byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, Size);
        (Id, _secret) = (id, secret);
    }

    /// <summary>Which key it is; no secret.</summary>
    public Guid Id { get; }

    /// <summary>The bytes to wrap.</summary>
    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>A new random key.</summary>
    public static DataKey Create() => new(Guid.NewGuid(), RandomNumberGenerator.GetBytes(Size));

    /// <summary>A key for one purpose, by HKDF with SHA-256 (RFC 5869).</summary>
    /// <param name="salt">Different for each thing that is encrypted.</param>
    /// <param name="purpose">What it is for.</param>
    internal AesGcm Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> purpose)
    {
        Span<byte> derived = stackalloc byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, derived, salt, purpose);
        AesGcm cipher = new(derived, SealedFormat.TagSize);
        CryptographicOperations.ZeroMemory(derived);
        return cipher;
    }
}
