using RftConsole.Training;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Web.Security;

/// <summary>A key as pages show it.</summary>
/// <param name="Key">Its description; nothing of it is secret.</param>
/// <param name="Unlocked">Whether it can be used without asking for its passphrase.</param>
/// <param name="Protects">Jobs, models and data sets whose data keys it wraps.</param>
/// <param name="IsDefault">Whether new data sets are encrypted with it, and the wizard proposes it.</param>
public sealed record EncryptionKeyView(EncryptionKey Key, bool Unlocked, int Protects, bool IsDefault)
{
    public string Name => Key.Name;
}

/// <summary>What makes a new key, or a new version of one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Where it comes from.</param>
/// <param name="File">Of a key file: its path.</param>
/// <param name="Passphrase">Of a key from a passphrase.</param>
/// <param name="Kms">Of AWS KMS.</param>
public sealed record NewEncryptionKey(string Name, KeyKind Kind, string? File = null, string? Passphrase = null, KmsKey? Kms = null);

/// <summary>The keys that jobs, models and data sets can be encrypted with.</summary>
public interface IEncryptionKeys
{
    /// <summary>All keys, by name.</summary>
    Task<IReadOnlyList<EncryptionKeyView>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>The name of the key that new data sets are encrypted with; null for none.</summary>
    Task<string?> DefaultAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets it; null for none.</summary>
    /// <exception cref="UserInputException">There is no such key.</exception>
    Task SetDefaultAsync(string? name, CancellationToken cancellationToken = default);

    /// <exception cref="UserInputException">The name is taken, or the key cannot be used.</exception>
    Task AddAsync(NewEncryptionKey key, CancellationToken cancellationToken = default);

    /// <summary>Takes a passphrase until the key is locked or the console ends.</summary>
    /// <exception cref="UserInputException">It is not the key's.</exception>
    Task UnlockAsync(string name, string passphrase);

    /// <summary>Forgets a passphrase, and the data keys that were opened with it.</summary>
    void Lock(string name);

    /// <summary>Gives a key a new version and wraps every data key anew; nothing that is encrypted is written again. The old version is destroyed then.</summary>
    /// <param name="key">The name, and of a key file or a passphrase the new one.</param>
    /// <param name="cancellationToken">Ends it; the next rotation goes on.</param>
    /// <returns>Data keys that were wrapped anew.</returns>
    /// <exception cref="UserInputException">The key cannot be used now, old or new.</exception>
    Task<int> RotateAsync(NewEncryptionKey key, CancellationToken cancellationToken = default);

    /// <summary>Destroys a key that protects nothing.</summary>
    /// <exception cref="UserInputException">It protects something.</exception>
    Task DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Hears of every change.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
