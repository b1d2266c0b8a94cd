using System.Text.Json.Serialization;

namespace RftConsole.Training.Storage.Keys;

/// <summary>Where a key comes from.</summary>
public enum KeyKind
{
    /// <summary>Made by the console, and kept in a file of its data folder that its user alone can read.</summary>
    Generated,

    /// <summary>32 bytes in a file of the customer's, which may lie on a device that is taken away.</summary>
    KeyFile,

    /// <summary>Made from a passphrase, which is asked for and never kept.</summary>
    Passphrase,

    /// <summary>A key of AWS KMS, which wraps and unwraps there.</summary>
    AwsKms,
}

/// <summary>A key that wraps data keys. Nothing of this record is secret.</summary>
public sealed record EncryptionKey
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required KeyKind Kind { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Oldest first. The last one wraps; older ones only unwrap what a rotation that was cut off left behind.</summary>
    public required IReadOnlyList<KeyVersion> Versions { get; init; }

    /// <summary>The version that wraps.</summary>
    [JsonIgnore]
    public KeyVersion Current => Versions[^1];
}

/// <summary>One version of a key.</summary>
public sealed record KeyVersion
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary><see cref="KeyKind.KeyFile"/>: the file.</summary>
    public string? File { get; init; }

    /// <summary><see cref="KeyKind.Passphrase"/>: how the key is made.</summary>
    public PassphraseParameters? Passphrase { get; init; }

    /// <summary><see cref="KeyKind.AwsKms"/>: which key, and where.</summary>
    public KmsKey? Kms { get; init; }

    /// <summary>Tells a wrong key file or passphrase before anything is wrapped with it; null for AWS KMS.</summary>
    public byte[]? Check { get; init; }
}

/// <summary>PBKDF2 with HMAC-SHA-512 (RFC 8018).</summary>
/// <param name="Salt">Random.</param>
/// <param name="Iterations">As many as took this machine half a second when the key was made.</param>
public sealed record PassphraseParameters(byte[] Salt, int Iterations);

/// <summary>A key of AWS KMS, or of a service that speaks its protocol.</summary>
public sealed record KmsKey
{
    /// <summary>Its id, ARN or alias.</summary>
    public required string KeyId { get; init; }

    /// <summary>Null for that of the ARN, of the profile or of the environment.</summary>
    public string? Region { get; init; }

    /// <summary>Null for AWS.</summary>
    public string? Endpoint { get; init; }

    /// <summary>A profile of the shared AWS files; null for what the AWS tools would use.</summary>
    public string? Profile { get; init; }

    /// <summary>The environment variable with the access key id, in place of a profile.</summary>
    public string? AccessKeyIdEnv { get; init; }

    /// <summary>The environment variable with the secret access key.</summary>
    public string? SecretAccessKeyEnv { get; init; }
}
