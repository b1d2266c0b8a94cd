using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Tests.Storage;

/// <summary>Keys of AWS KMS, against a local server that speaks its protocol and checks signatures itself.</summary>
public sealed class KmsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _root = new();
    private readonly Dictionary<string, string> _environment = new() { ["KMS_ID"] = KmsServer.KeyId, ["KMS_SECRET"] = KmsServer.Secret };
    private KmsServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Job => Path.Combine(_root.Path, "job");

    public async ValueTask InitializeAsync() => _server = await KmsServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task A_data_key_is_made_and_opened_by_the_service_which_never_sees_the_data()
    {
        KeyStore keys = Store();
        await keys.AddAsync("cloud", KeyKind.AwsKms, kms: Key, cancellationToken: Token);
        Assert.Equal(["DescribeKey"], _server.Calls);
        using (SealedFolders.Use(keys, _root.Path))
        {
            await SealedFolders.CreateAsync(Job, keys, "cloud", Token);
            VaultFiles.Append(Path.Combine(Job, "log"), "secret\n"u8);
        }

        Assert.Equal(["DescribeKey", "GenerateDataKey"], _server.Calls);
        using (SealedFolders.Use(Store(), _root.Path))
        {
            Assert.Equal("secret\n", VaultFiles.ReadAllText(Path.Combine(Job, "log")));
            Assert.Equal("secret\n", VaultFiles.ReadAllText(Path.Combine(Job, "log")));
        }

        Assert.Equal(["DescribeKey", "GenerateDataKey", "Decrypt"], _server.Calls);
        Assert.All(Directory.EnumerateFiles(Path.Combine(_root.Path, "keys")), file => Assert.DoesNotContain(KmsServer.Secret, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rotation_wraps_with_the_service_again()
    {
        KeyStore keys = Store();
        await keys.AddAsync("cloud", KeyKind.AwsKms, kms: Key, cancellationToken: Token);
        using IDisposable registered = SealedFolders.Use(keys, _root.Path);
        await SealedFolders.CreateAsync(Job, keys, "cloud", Token);
        VaultFiles.Append(Path.Combine(Job, "log"), "secret\n"u8);
        await keys.AddVersionAsync("cloud", kms: Key with { KeyId = KmsServer.Arn }, cancellationToken: Token);
        await SealedFolders.RewrapAsync(Job, keys, "cloud", Token);
        keys.Retire("cloud");
        SealedFolders.Close(Job);
        Assert.Equal("secret\n", VaultFiles.ReadAllText(Path.Combine(Job, "log")));
        Assert.Equal(["DescribeKey", "GenerateDataKey", "DescribeKey", "Encrypt", "Decrypt"], _server.Calls);
    }

    [Fact]
    public async Task What_the_service_refuses_is_one_sentence()
    {
        KeyStore keys = Store();
        await keys.AddAsync("cloud", KeyKind.AwsKms, kms: Key, cancellationToken: Token);
        using IDisposable registered = SealedFolders.Use(keys, _root.Path);
        await SealedFolders.CreateAsync(Job, keys, "cloud", Token);
        VaultFiles.Append(Path.Combine(Job, "log"), "secret\n"u8);
        SealedFolders.Close(Job);
        _server.Enabled = false;
        Assert.Equal(
            $"The encryption key \"cloud\" cannot be used: {_server.Endpoint} answers DisabledException: {KmsServer.Arn} is disabled.",
            Assert.Throws<KeyUnavailableException>(() => VaultFiles.ReadAllText(Path.Combine(Job, "log"))).Message);
        Assert.Contains("is Disabled", (await Assert.ThrowsAsync<KeyUnavailableException>(() => keys.AddAsync("other", KeyKind.AwsKms, kms: Key, cancellationToken: Token))).Message, StringComparison.Ordinal);

        _server.Enabled = true;
        _environment["KMS_SECRET"] = "another secret";
        Assert.Contains("answers InvalidSignatureException", Assert.Throws<KeyUnavailableException>(() => VaultFiles.ReadAllText(Path.Combine(Job, "log"))).Message, StringComparison.Ordinal);
        _environment.Remove("KMS_SECRET");
        Assert.Equal("Credentials: the environment variable KMS_SECRET is not set", Assert.ThrowsAny<UserInputException>(() => VaultFiles.ReadAllText(Path.Combine(Job, "log"))).Message);
        _environment["KMS_SECRET"] = KmsServer.Secret;
        Assert.Contains("NotFoundException", (await Assert.ThrowsAsync<KeyUnavailableException>(() => keys.AddAsync("other", KeyKind.AwsKms, kms: Key with { KeyId = "alias/none" }, cancellationToken: Token))).Message, StringComparison.Ordinal);
        Assert.Equal("secret\n", VaultFiles.ReadAllText(Path.Combine(Job, "log")));
    }

    [Fact]
    public async Task A_wrapped_key_opens_for_its_own_data_alone()
    {
        KeyStore keys = Store();
        await keys.AddAsync("cloud", KeyKind.AwsKms, kms: Key, cancellationToken: Token);
        WrappedKey wrapped = await keys.WrapAsync("cloud", DataKey.Create(), Token);
        await Assert.ThrowsAsync<KeyUnavailableException>(() => keys.UnwrapAsync(wrapped with { DataKey = Guid.NewGuid() }, Token));
        Assert.Equal(wrapped.DataKey, (await keys.UnwrapAsync(wrapped, Token)).Id);
    }

    private KmsKey Key => new() { KeyId = "alias/console", Region = "eu-central-1", Endpoint = _server.Endpoint, AccessKeyIdEnv = "KMS_ID", SecretAccessKeyEnv = "KMS_SECRET" };

    private KeyStore Store() => new(Path.Combine(_root.Path, "keys"), name => _environment.GetValueOrDefault(name));
}
