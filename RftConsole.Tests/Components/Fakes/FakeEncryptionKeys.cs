using RftConsole.Training;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Security;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Keys in memory.</summary>
public sealed class FakeEncryptionKeys : IEncryptionKeys
{
    public List<EncryptionKeyView> All { get; } = [];

    public List<NewEncryptionKey> Rotated { get; } = [];

    public FakeNews News { get; } = new();

    public Task<IReadOnlyList<EncryptionKeyView>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<EncryptionKeyView>>([.. All]);

    public Task<string?> DefaultAsync(CancellationToken cancellationToken = default) => Task.FromResult(All.FirstOrDefault(key => key.IsDefault)?.Name);

    public Task SetDefaultAsync(string? name, CancellationToken cancellationToken = default)
    {
        Change(key => key with { IsDefault = key.Name == name });
        return Task.CompletedTask;
    }

    public Task AddAsync(NewEncryptionKey key, CancellationToken cancellationToken = default)
    {
        if (key.Name.Length == 0)
        {
            throw new UserInputException("Name: give one.");
        }

        All.Add(Make(key.Name, key.Kind));
        return Task.CompletedTask;
    }

    public Task UnlockAsync(string name, string passphrase)
    {
        if (passphrase != "right")
        {
            throw new UserInputException($"Passphrase: this is not the passphrase of the encryption key \"{name}\".");
        }

        Change(key => key.Name == name ? key with { Unlocked = true } : key);
        return Task.CompletedTask;
    }

    public void Lock(string name) => Change(key => key.Name == name ? key with { Unlocked = false } : key);

    public Task<int> RotateAsync(NewEncryptionKey key, CancellationToken cancellationToken = default)
    {
        Rotated.Add(key);
        return Task.FromResult(3);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        All.RemoveAll(key => key.Name == name);
        return Task.CompletedTask;
    }

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);

    public static EncryptionKeyView Make(string name, KeyKind kind = KeyKind.Generated, bool unlocked = true) => new(
        new()
        {
            Id = name,
            Name = name,
            Kind = kind,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Versions = [new() { Number = 1, CreatedAt = DateTimeOffset.UnixEpoch, File = "/keys/" + name, Passphrase = new([], 210_000), Kms = new() { KeyId = "alias/" + name } }],
        },
        unlocked,
        2,
        false);

    private void Change(Func<EncryptionKeyView, EncryptionKeyView> change)
    {
        for (int i = 0; i < All.Count; i++)
        {
            All[i] = change(All[i]);
        }
    }
}
