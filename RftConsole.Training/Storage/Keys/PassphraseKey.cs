using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace RftConsole.Training.Storage.Keys;

/// <summary>A key from a passphrase.</summary>
internal static class PassphraseKey
{
    /// <summary>The least that is advised for PBKDF2 with HMAC-SHA-512 (OWASP Password Storage Cheat Sheet, 2023).</summary>
    public const int FewestIterations = 210_000;

    public const int ShortestPassphrase = 12;

    private static readonly TimeSpan s_effort = TimeSpan.FromSeconds(0.5);

    /// <summary>As many iterations as take this machine half a second.</summary>
    public static PassphraseParameters Measure()
    {
        const int probe = 20_000;
        long start = Stopwatch.GetTimestamp();
        Rfc2898DeriveBytes.Pbkdf2("a passphrase to measure with"u8, new byte[16], probe, HashAlgorithmName.SHA512, DataKey.Size);
        double each = Stopwatch.GetElapsedTime(start).TotalSeconds / probe;
        return new(RandomNumberGenerator.GetBytes(16), Math.Clamp((int)(s_effort.TotalSeconds / each / 1000) * 1000, FewestIterations, 10_000_000));
    }

    /// <summary>The key. Equal texts are equal, however their accents are composed.</summary>
    public static byte[] Derive(string passphrase, PassphraseParameters parameters) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase.Normalize(NormalizationForm.FormKC)), parameters.Salt, parameters.Iterations, HashAlgorithmName.SHA512, DataKey.Size);
}
