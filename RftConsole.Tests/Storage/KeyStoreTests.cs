using System.Security.Cryptography;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Tests.Storage;

public sealed class KeyStoreTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TemporaryFolder _root = new();
    private readonly Dictionary<string, string> _environment = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string KeyFolder => Path.Combine(_root.Path, "keys");

    private string Job => Path.Combine(_root.Path, "job");

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(KeyKind.Generated)]
    [InlineData(KeyKind.KeyFile)]
    [InlineData(KeyKind.Passphrase)]
    public async Task Each_kind_of_key_opens_what_it_wrapped_also_after_a_restart(KeyKind kind)
    {
        await AddAsync("k", kind);
        await WriteAsync("k", "secret text");
        KeyStore later = Store();
        if (kind == KeyKind.Passphrase)
        {
            later.Unlock("k", Passphrase);
        }

        Assert.Equal("secret text", Read(later));
    }

    [Fact]
    public async Task A_locked_key_is_one_clear_sentence_and_a_wrong_passphrase_unlocks_nothing()
    {
        await AddAsync("k", KeyKind.Passphrase);
        await WriteAsync("k", "secret text");
        KeyStore later = Store();
        Assert.Equal("The encryption key \"k\" is locked: unlock it in Settings, under Encryption keys (the commands read its passphrase from RFTCONSOLE_KEY_PASSPHRASE).", Assert.Throws<KeyUnavailableException>(() => Read(later)).Message);
        Assert.Throws<UserInputException>(() => later.Unlock("k", "correct horse battery stapler"));
        Assert.False(later.IsUnlocked(later.Require("k")));
        later.Unlock("k", Passphrase);
        Assert.Equal("secret text", Read(later));
        later.Lock("k");
        Assert.Throws<KeyUnavailableException>(() => Read(later));
        _environment[KeyStore.PassphraseVariable] = Passphrase;
        Assert.Equal("secret text", Read(Store()));
    }

    [Fact]
    public async Task A_passphrase_is_nowhere_on_the_disk_and_a_generated_key_is_this_users_alone()
    {
        await AddAsync("p", KeyKind.Passphrase);
        EncryptionKey generated = await AddAsync("g", KeyKind.Generated);
        Assert.All(Directory.EnumerateFiles(KeyFolder), file => Assert.DoesNotContain(Passphrase, File.ReadAllText(file), StringComparison.Ordinal));
        string secret = Path.Combine(KeyFolder, generated.Id + ".1.key");
        Assert.Equal(32, new FileInfo(secret).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(secret).UnixFileMode);
        Assert.True(Store().Require("p").Current.Passphrase!.Iterations >= 210_000);
    }

    [Fact]
    public async Task A_lost_or_exchanged_key_file_is_named()
    {
        await AddAsync("k", KeyKind.KeyFile);
        await WriteAsync("k", "secret text");
        byte[] key = await File.ReadAllBytesAsync(KeyFile, Token);
        await File.WriteAllBytesAsync(KeyFile, RandomNumberGenerator.GetBytes(32), Token);
        Assert.Equal($"The encryption key \"k\" is lost: {KeyFile} holds another key. What it protects cannot be read without it.", Assert.Throws<KeyUnavailableException>(() => Read(Store())).Message);
        File.Delete(KeyFile);
        Assert.StartsWith($"The encryption key \"k\" is lost: {KeyFile} cannot be read", Assert.Throws<KeyUnavailableException>(() => Read(Store())).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(KeyFile, Convert.ToBase64String(key) + "\n", Token);
        Assert.Equal("secret text", Read(Store()));
        await File.WriteAllTextAsync(KeyFile, Convert.ToHexString(key), Token);
        Assert.Equal("secret text", Read(Store()));
    }

    [Theory]
    [InlineData(KeyKind.Generated)]
    [InlineData(KeyKind.Passphrase)]
    public async Task Rotation_wraps_anew_without_touching_a_byte_of_the_data_and_ends_the_old_version(KeyKind kind)
    {
        KeyStore keys = Store();
        await AddAsync("k", kind, keys);
        await WriteAsync("k", "secret text", keys);
        byte[] data = await File.ReadAllBytesAsync(Path.Combine(Job, "a.txt"), Token);
        byte[] wrapped = await File.ReadAllBytesAsync(Path.Combine(Job, SealedFolders.KeyFile), Token);
        using (SealedFolders.Use(keys, _root.Path))
        {
            await keys.AddVersionAsync("k", passphrase: "another passphrase entirely", cancellationToken: Token);
            await SealedFolders.RewrapAsync(Job, keys, "k", Token);
            keys.Retire("k");
        }

        Assert.Equal(data, await File.ReadAllBytesAsync(Path.Combine(Job, "a.txt"), Token));
        KeyStore later = Store();
        if (kind == KeyKind.Passphrase)
        {
            Assert.Throws<UserInputException>(() => later.Unlock("k", Passphrase));
            later.Unlock("k", "another passphrase entirely");
        }

        Assert.Equal("secret text", Read(later));
        // A copy of the data key as it was wrapped before is of no use any more.
        await File.WriteAllBytesAsync(Path.Combine(Job, SealedFolders.KeyFile), wrapped, Token);
        Assert.Contains("its version 1 was destroyed", Assert.Throws<KeyUnavailableException>(() => Read(later)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_key_can_be_wrapped_by_another_key()
    {
        KeyStore keys = Store();
        await AddAsync("one", KeyKind.Generated, keys);
        await AddAsync("two", KeyKind.Generated, keys);
        await WriteAsync("one", "secret text", keys);
        using (SealedFolders.Use(keys, _root.Path))
        {
            await SealedFolders.RewrapAsync(Job, keys, "two", Token);
        }

        keys.Delete("one");
        Assert.Equal("secret text", Read(Store()));
        keys.Delete("two");
        Assert.Equal("The encryption key \"two\" is lost: it is not in the key store. What it protects cannot be read without it.", Assert.Throws<KeyUnavailableException>(() => Read(Store())).Message);
    }

    [Fact]
    public async Task The_environments_key_file_stands_for_every_name()
    {
        await File.WriteAllBytesAsync(KeyFile, RandomNumberGenerator.GetBytes(32), Token);
        _environment[KeyStore.KeyFileVariable] = KeyFile;
        await WriteAsync("whatever", "secret text", new(null, Variable));
        Assert.Equal("secret text", Read(new(null, Variable)));
        _environment.Clear();
        Assert.Contains("no key store is at hand", Assert.Throws<KeyUnavailableException>(() => Read(new(null, Variable))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", KeyKind.Generated, null, "Name: 1 to 63")]
    [InlineData("a/b", KeyKind.Generated, null, "Name: 1 to 63")]
    [InlineData("k", KeyKind.Passphrase, "short", "Passphrase: at least 12")]
    [InlineData("k", KeyKind.KeyFile, null, "Key file:")]
    [InlineData("k", KeyKind.AwsKms, null, "KMS key: give its id")]
    public async Task What_cannot_be_a_key_is_refused_with_its_field(string name, KeyKind kind, string? passphrase, string message)
    {
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => Store().AddAsync(name, kind, file: kind == KeyKind.KeyFile ? _root.Write("empty", "too short") : null, passphrase: passphrase, cancellationToken: Token));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Store().List());
    }

    private string KeyFile => Path.Combine(_root.Path, "customer.key");

    private string? Variable(string name) => _environment.GetValueOrDefault(name);

    private KeyStore Store() => new(KeyFolder, Variable);

    private async Task<EncryptionKey> AddAsync(string name, KeyKind kind, KeyStore? keys = null)
    {
        if (kind == KeyKind.KeyFile)
        {
            await File.WriteAllBytesAsync(KeyFile, RandomNumberGenerator.GetBytes(32), Token);
        }

        return await (keys ?? Store()).AddAsync(name, kind, kind == KeyKind.KeyFile ? KeyFile : null, kind == KeyKind.Passphrase ? Passphrase : null, cancellationToken: Token);
    }

    private async Task WriteAsync(string key, string text, KeyStore? keys = null)
    {
        keys ??= Store();
        if (keys.List().FirstOrDefault(known => known.Name == key) is { Kind: KeyKind.Passphrase })
        {
            keys.Unlock(key, Passphrase);
        }

        using (SealedFolders.Use(keys, _root.Path))
        {
            await SealedFolders.CreateAsync(Job, keys, key, Token);
            using Stream stream = VaultFiles.Create(Path.Combine(Job, "a.txt"));
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
    }

    private string Read(KeyStore keys)
    {
        using (SealedFolders.Use(keys, _root.Path))
        {
            return VaultFiles.ReadAllText(Path.Combine(Job, "a.txt"));
        }
    }
}
