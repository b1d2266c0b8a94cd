using RftConsole.Training;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Security;

/// <inheritdoc cref="IEncryptionKeys"/>
internal sealed class EncryptionKeys : IEncryptionKeys, IHostedService, IDisposable
{
    private const string DefaultSetting = "encryption.default-key";

    private readonly DataFolder _folder;
    private readonly SettingStore _settings;
    private readonly ChangeFeed _feed;
    private readonly IDisposable _registered;
    private readonly SemaphoreSlim _changing = new(1, 1);

    public EncryptionKeys(DataFolder folder, SettingStore settings, ChangeFeed feed, TimeProvider time)
    {
        (_folder, _settings, _feed) = (folder, settings, feed);
        Store = new(Path.Combine(folder.Root, KeyStore.FolderName), time: time);
        _registered = SealedFolders.Use(Store, folder.Root);
    }

    /// <summary>The keys themselves.</summary>
    public KeyStore Store { get; }

    public async Task<IReadOnlyList<EncryptionKeyView>> ListAsync(CancellationToken cancellationToken = default)
    {
        string? standard = await DefaultAsync(cancellationToken);
        Dictionary<string, int> uses = Protected().Select(folder => WrappedKey.Read(folder)!.KeyId).CountBy(id => id).ToDictionary();
        return [.. Store.List().Select(key => new EncryptionKeyView(key, Store.IsUnlocked(key), uses.GetValueOrDefault(key.Id), key.Name == standard))];
    }

    public async Task<string?> DefaultAsync(CancellationToken cancellationToken = default) =>
        await _settings.FindAsync(DefaultSetting, cancellationToken) is { } name && Store.List().Any(key => key.Name == name) ? name : null;

    public async Task SetDefaultAsync(string? name, CancellationToken cancellationToken = default)
    {
        await _settings.SetAsync(DefaultSetting, name is null ? null : Store.Require(name).Name, cancellationToken);
        _feed.Publish(ChangeTopic.EncryptionKeys);
    }

    public async Task AddAsync(NewEncryptionKey key, CancellationToken cancellationToken = default)
    {
        await ChangeAsync(() => Task.Run(() => Store.AddAsync(key.Name, key.Kind, key.File, key.Passphrase, key.Kms, cancellationToken), cancellationToken), cancellationToken);
        _feed.Publish(ChangeTopic.EncryptionKeys);
    }

    public async Task UnlockAsync(string name, string passphrase)
    {
        // Half a second of work on purpose.
        await Task.Run(() => Store.Unlock(name, passphrase));
        PublishAll();
    }

    public void Lock(string name)
    {
        Store.Lock(name);
        SealedFolders.CloseAll(_folder.Root, Store.Require(name).Id);
        PublishAll();
    }

    public async Task<int> RotateAsync(NewEncryptionKey key, CancellationToken cancellationToken = default)
    {
        int wrapped = await ChangeAsync(() => RewrapAsync(key, cancellationToken), cancellationToken);
        _feed.Publish(ChangeTopic.EncryptionKeys);
        return wrapped;
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        EncryptionKeyView key = (await ListAsync(cancellationToken)).FirstOrDefault(known => known.Name == name) ?? throw new UserInputException($"There is no encryption key \"{name}\" any more.");
        if (key.Protects > 0)
        {
            throw new UserInputException($"The encryption key \"{name}\" protects {(key.Protects == 1 ? "one job, model or data set" : $"{key.Protects} jobs, models and data sets")}, which could not be read any more: delete these first.");
        }

        Store.Delete(name);
        _feed.Publish(ChangeTopic.EncryptionKeys);
    }

    /// <summary>Encrypts a folder of files that become a data set, where new data sets are to be encrypted.</summary>
    public async Task PrepareAsync(string folder, CancellationToken cancellationToken)
    {
        if (!VaultFiles.IsEncrypted(Path.Combine(folder, SealedFolders.KeyFile)) && await DefaultAsync(cancellationToken) is { } key)
        {
            await SealedFolders.CreateAsync(folder, Store, key, cancellationToken);
        }
    }

    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(ChangeTopic.EncryptionKeys, null, changed);

    /// <summary>The key store is at hand as soon as this is made.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registered.Dispose();
        _changing.Dispose();
    }

    private async Task<int> RewrapAsync(NewEncryptionKey key, CancellationToken cancellationToken)
    {
        EncryptionKey before = Store.Require(key.Name);
        string[] folders = [.. Protected().Where(folder => WrappedKey.Read(folder)!.KeyId == before.Id)];
        // Opened with the old version before there is a new one: what cannot be opened ends the rotation with nothing changed.
        foreach (string folder in folders)
        {
            await SealedFolders.OpenAsync(folder, cancellationToken);
        }

        await Task.Run(() => Store.AddVersionAsync(key.Name, key.File, key.Passphrase, key.Kms, cancellationToken), cancellationToken);
        foreach (string folder in folders)
        {
            await SealedFolders.RewrapAsync(folder, Store, key.Name, cancellationToken);
        }

        Store.Retire(key.Name);
        return folders.Length;
    }

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            return await change();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Encrypted folders of the data folder.</summary>
    private IEnumerable<string> Protected() => new[] { "jobs", "models", "datasets", "imports", "uploads", "examples", "invocation-logs" }
        .Select(part => Path.Combine(_folder.Root, part))
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories)
        .Where(folder => File.Exists(Path.Combine(folder, SealedFolders.KeyFile)));

    /// <summary>What a key protects can be read now, or not any more: every page shows it.</summary>
    private void PublishAll()
    {
        foreach (ChangeTopic topic in (ChangeTopic[])[ChangeTopic.EncryptionKeys, ChangeTopic.Jobs, ChangeTopic.Models, ChangeTopic.DataSets])
        {
            _feed.Publish(topic);
        }
    }
}
