using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Storage.Keys;

/// <summary>
/// The keys that wrap data keys, each described by a file of one folder. Generated keys lie beside their description, readable by this user alone: whoever can read the whole data folder
/// can read what they protect. Passphrases are kept in memory only, from <see cref="Unlock"/> to <see cref="Lock"/> or the end of the process.
/// </summary>
public sealed class KeyStore
{
    /// <summary>Names a key file that stands for every key name, for the commands.</summary>
    public const string KeyFileVariable = "RFTCONSOLE_KEY_FILE";

    /// <summary>Unlocks keys that are made from a passphrase, for the commands.</summary>
    public const string PassphraseVariable = "RFTCONSOLE_KEY_PASSPHRASE";

    /// <summary>The folder of the keys in a console's data folder.</summary>
    public const string FolderName = "encryption-keys";

    private const string KeyFileId = "key-file";

    private readonly string? _folder;
    private readonly Func<string, string?> _variable;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string Id, int Version), byte[]> _unlocked = [];

    /// <param name="folder">Where the keys are described; null for none but the environment's.</param>
    /// <param name="variable">The environment; null for that of the process.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public KeyStore(string? folder, Func<string, string?>? variable = null, TimeProvider? time = null) =>
        (_folder, _variable, _time) = (folder, variable ?? Environment.GetEnvironmentVariable, time ?? TimeProvider.System);

    /// <summary>All keys, by name.</summary>
    public IReadOnlyList<EncryptionKey> List() => _folder is null || !Directory.Exists(_folder) ? [] :
        [.. Directory.EnumerateFiles(_folder, "*.json").Select(Read).OrderBy(key => key.Name, StringComparer.OrdinalIgnoreCase)];

    /// <exception cref="UserInputException">There is no key of this name.</exception>
    public EncryptionKey Require(string name) =>
        _variable(KeyFileVariable) is { Length: > 0 } file ? Environmental(name, file)
        : List() is var all && all.FirstOrDefault(key => string.Equals(key.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found ? found
        : throw new UserInputException($"there is no encryption key \"{name}\"{(all.Count > 0 ? $"; there are {string.Join(", ", all.Select(key => key.Name))}" : _folder is null ? $"; give the console's data folder with --data, or a key file in {KeyFileVariable}" : "; make one in Settings, under Encryption keys")}");

    /// <summary>Whether a key can be used without asking for its passphrase.</summary>
    public bool IsUnlocked(EncryptionKey key) => key.Kind != KeyKind.Passphrase || _unlocked.ContainsKey((key.Id, key.Current.Number));

    /// <summary>Makes a key: a random one, or one of the customer's (<paramref name="file"/>, <paramref name="passphrase"/> or <paramref name="kms"/>), which is tried first.</summary>
    /// <exception cref="UserInputException">The name is taken, or the key cannot be used.</exception>
    public async Task<EncryptionKey> AddAsync(string name, KeyKind kind, string? file = null, string? passphrase = null, KmsKey? kms = null, CancellationToken cancellationToken = default)
    {
        string clean = name.Trim();
        if (clean.Length is 0 or > 63 || !clean.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_' or '.'))
        {
            throw new UserInputException("Name: 1 to 63 letters, digits, hyphens, underscores and dots.");
        }

        if (List().Any(key => string.Equals(key.Name, clean, StringComparison.OrdinalIgnoreCase)))
        {
            throw new UserInputException($"Name: there is a key \"{clean}\" already.");
        }

        string id = Guid.NewGuid().ToString("N");
        DateTimeOffset now = _time.GetUtcNow();
        EncryptionKey key = new() { Id = id, Name = clean, Kind = kind, CreatedAt = now, Versions = [await NewVersionAsync(id, clean, kind, 1, file, passphrase, kms, cancellationToken)] };
        Write(key);
        return key;
    }

    /// <summary>Adds a version that wraps from now on; the caller wraps the data keys anew and then calls <see cref="Retire"/>.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public async Task<EncryptionKey> AddVersionAsync(string name, string? file = null, string? passphrase = null, KmsKey? kms = null, CancellationToken cancellationToken = default)
    {
        EncryptionKey key = Require(name);
        // What the old version wraps must be opened once more: it has to be at hand.
        _ = key.Kind == KeyKind.AwsKms ? null : WrappingKey(key, key.Current);
        KmsKey? service = key.Kind == KeyKind.AwsKms ? kms ?? key.Current.Kms : null;
        EncryptionKey longer = key with { Versions = [.. key.Versions, await NewVersionAsync(key.Id, key.Name, key.Kind, key.Current.Number + 1, file ?? key.Current.File, passphrase, service, cancellationToken)] };
        Write(longer);
        return longer;
    }

    /// <summary>Destroys the versions of a key before its newest.</summary>
    public void Retire(string name)
    {
        EncryptionKey key = Require(name);
        Write(key with { Versions = [key.Current] });
        foreach (KeyVersion old in key.Versions.SkipLast(1))
        {
            Forget(key, old);
        }
    }

    /// <summary>Destroys a key: whatever it still wraps can be read by nobody any more.</summary>
    public void Delete(string name)
    {
        EncryptionKey key = Require(name);
        File.Delete(Path.Combine(_folder!, key.Id + ".json"));
        foreach (KeyVersion version in key.Versions)
        {
            Forget(key, version);
        }
    }

    /// <summary>Takes a passphrase until <see cref="Lock"/> or the end of the process.</summary>
    /// <exception cref="UserInputException">It is not the key's.</exception>
    public void Unlock(string name, string passphrase)
    {
        EncryptionKey key = Require(name);
        if (key.Kind != KeyKind.Passphrase)
        {
            throw new UserInputException($"The encryption key \"{key.Name}\" has no passphrase.");
        }

        bool any = false;
        foreach (KeyVersion version in key.Versions)
        {
            byte[] derived = PassphraseKey.Derive(passphrase, version.Passphrase!);
            if (CryptographicOperations.FixedTimeEquals(KeyWrap.CheckOf(derived), version.Check))
            {
                _unlocked[(key.Id, version.Number)] = derived;
                any = true;
            }
        }

        if (!any)
        {
            throw new UserInputException($"Passphrase: this is not the passphrase of the encryption key \"{key.Name}\".");
        }
    }

    /// <summary>Forgets a passphrase.</summary>
    public void Lock(string name)
    {
        EncryptionKey key = Require(name);
        foreach (KeyVersion version in key.Versions)
        {
            if (_unlocked.TryRemove((key.Id, version.Number), out byte[]? secret))
            {
                CryptographicOperations.ZeroMemory(secret);
            }
        }
    }

    /// <summary>Wraps a data key with a key's newest version.</summary>
    /// <exception cref="UserInputException">There is no such key, or it cannot be used now.</exception>
    public async Task<WrappedKey> WrapAsync(string name, DataKey dataKey, CancellationToken cancellationToken)
    {
        EncryptionKey key = Require(name);
        byte[] wrapped;
        if (key.Kind == KeyKind.AwsKms)
        {
            using KmsService service = new(key.Name, key.Current.Kms!, _variable);
            wrapped = await service.WrapAsync(dataKey, cancellationToken);
        }
        else
        {
            wrapped = KeyWrap.Wrap(WrappingKey(key, key.Current), dataKey);
        }

        return new(key.Name, key.Id, key.Current.Number, dataKey.Id, wrapped);
    }

    /// <summary>A new data key, wrapped; where a key service wraps it, of the service's making.</summary>
    /// <inheritdoc cref="WrapAsync"/>
    public async Task<(DataKey Key, WrappedKey Wrapped)> GenerateAsync(string name, CancellationToken cancellationToken)
    {
        EncryptionKey key = Require(name);
        if (key.Kind != KeyKind.AwsKms)
        {
            DataKey made = DataKey.Create();
            return (made, await WrapAsync(name, made, cancellationToken));
        }

        Guid id = Guid.NewGuid();
        using KmsService service = new(key.Name, key.Current.Kms!, _variable);
        (byte[] secret, byte[] wrapped) = await service.GenerateAsync(id, cancellationToken);
        return (new(id, secret), new(key.Name, key.Id, key.Current.Number, id, wrapped));
    }

    /// <exception cref="KeyUnavailableException">The key is locked, lost, or does not open it.</exception>
    public async Task<DataKey> UnwrapAsync(WrappedKey wrapped, CancellationToken cancellationToken)
    {
        EncryptionKey key = _variable(KeyFileVariable) is { Length: > 0 } file
            ? Environmental(wrapped.Key, file)
            : List().FirstOrDefault(known => known.Id == wrapped.KeyId) ?? throw Lost(wrapped.Key, _folder is null ? $"no key store is at hand (give a console's data folder with --data, or a key file in {KeyFileVariable})" : "it is not in the key store");
        if (key.Kind == KeyKind.AwsKms)
        {
            KmsKey service = (key.Versions.FirstOrDefault(version => version.Number == wrapped.Version) ?? key.Current).Kms!;
            using KmsService kms = new(key.Name, service, _variable);
            return await kms.UnwrapAsync(wrapped.DataKey, wrapped.Wrapped, cancellationToken);
        }

        KeyVersion version = key.Id == KeyFileId ? key.Current
            : key.Versions.FirstOrDefault(known => known.Number == wrapped.Version) ?? throw Lost(key.Name, $"its version {wrapped.Version} was destroyed");
        return KeyWrap.Unwrap(WrappingKey(key, version), wrapped.DataKey, wrapped.Wrapped) ?? throw Lost(key.Name, "it is not the one that the data key was wrapped with");
    }

    private static KeyUnavailableException Lost(string name, string why, Exception? inner = null) =>
        new($"The encryption key \"{name}\" is lost: {why}. What it protects cannot be read without it.", inner);

    private static EncryptionKey Environmental(string name, string file) => new()
    {
        Id = KeyFileId,
        Name = name,
        Kind = KeyKind.KeyFile,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Versions = [new() { Number = 1, CreatedAt = DateTimeOffset.UnixEpoch, File = file }],
    };

    private async Task<KeyVersion> NewVersionAsync(string id, string name, KeyKind kind, int number, string? file, string? passphrase, KmsKey? kms, CancellationToken cancellationToken)
    {
        KeyVersion version = new() { Number = number, CreatedAt = _time.GetUtcNow() };
        switch (kind)
        {
            case KeyKind.Generated:
                byte[] secret = RandomNumberGenerator.GetBytes(DataKey.Size);
                WriteSecret(SecretFile(id, number), secret);
                return version with { Check = KeyWrap.CheckOf(secret) };
            case KeyKind.KeyFile:
                string path = Path.GetFullPath(string.IsNullOrWhiteSpace(file) ? throw new UserInputException("Key file: give its path.") : file.Trim());
                return version with { File = path, Check = KeyWrap.CheckOf(CustomerKeyFile.Read(path)) };
            case KeyKind.Passphrase:
                if (passphrase is not { Length: >= PassphraseKey.ShortestPassphrase })
                {
                    throw new UserInputException($"Passphrase: at least {PassphraseKey.ShortestPassphrase} characters; a few words that nobody else puts together are easier to remember than a short riddle.");
                }

                PassphraseParameters parameters = PassphraseKey.Measure();
                byte[] derived = PassphraseKey.Derive(passphrase, parameters);
                _unlocked[(id, number)] = derived;
                return version with { Passphrase = parameters, Check = KeyWrap.CheckOf(derived) };
            default:
                if (string.IsNullOrWhiteSpace(kms?.KeyId))
                {
                    throw new UserInputException("KMS key: give its id, ARN or alias.");
                }

                using (KmsService service = new(name, kms, _variable))
                {
                    await service.DescribeAsync(cancellationToken);
                }

                return version with { Kms = kms };
        }
    }

    /// <summary>The 32 bytes of a key that is no service's.</summary>
    private byte[] WrappingKey(EncryptionKey key, KeyVersion version)
    {
        if (key.Kind == KeyKind.Passphrase)
        {
            if (_unlocked.TryGetValue((key.Id, version.Number), out byte[]? unlocked))
            {
                return unlocked;
            }

            if (_variable(PassphraseVariable) is { Length: > 0 } passphrase)
            {
                Unlock(key.Name, passphrase);
                return _unlocked.TryGetValue((key.Id, version.Number), out unlocked) ? unlocked : throw Lost(key.Name, $"the passphrase of its version {version.Number} is another one");
            }

            throw new KeyUnavailableException($"The encryption key \"{key.Name}\" is locked: unlock it in Settings, under Encryption keys (the commands read its passphrase from {PassphraseVariable}).");
        }

        byte[] secret;
        string file = key.Kind == KeyKind.Generated ? SecretFile(key.Id, version.Number) : version.File!;
        try
        {
            secret = key.Kind == KeyKind.Generated ? File.ReadAllBytes(file) : CustomerKeyFile.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UserInputException)
        {
            throw Lost(key.Name, $"{file} cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }

        return version.Check is null || CryptographicOperations.FixedTimeEquals(KeyWrap.CheckOf(secret), version.Check) ? secret : throw Lost(key.Name, $"{file} holds another key");
    }

    private string SecretFile(string id, int version) => Path.Combine(_folder!, FormattableString.Invariant($"{id}.{version}.key"));

    private EncryptionKey Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<EncryptionKey>(File.ReadAllBytes(file), JobSpecificationFile.Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} describes no encryption key ({e.Message.ReplaceLineEndings(" ")}): restore it from a backup.", e);
        }
    }

    private void Write(EncryptionKey key)
    {
        MakeFolder();
        DurableFiles.ReplacePlain(Path.Combine(_folder!, key.Id + ".json"), JsonSerializer.SerializeToUtf8Bytes(key, JobSpecificationFile.Options));
        DurableFiles.FlushFolder(_folder!);
    }

    private void WriteSecret(string file, byte[] secret)
    {
        MakeFolder();
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using FileStream stream = new(file, options);
        stream.Write(secret);
        stream.Flush(flushToDisk: true);
    }

    private void MakeFolder()
    {
        string folder = _folder ?? throw new UserInputException($"{KeyFileVariable}: keys are made in a console's data folder; give it with --data");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Destroys what is kept of a version.</summary>
    private void Forget(EncryptionKey key, KeyVersion version)
    {
        if (_unlocked.TryRemove((key.Id, version.Number), out byte[]? secret))
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        if (key.Kind == KeyKind.Generated && SecretFile(key.Id, version.Number) is var file && File.Exists(file))
        {
            using (FileStream stream = new(file, FileMode.Open, FileAccess.Write))
            {
                stream.Write(RandomNumberGenerator.GetBytes(DataKey.Size));
                stream.Flush(flushToDisk: true);
            }

            File.Delete(file);
        }
    }
}
