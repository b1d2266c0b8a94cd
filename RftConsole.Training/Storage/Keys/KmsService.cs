using Amazon;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;

namespace RftConsole.Training.Storage.Keys;

/// <summary>
/// A key of AWS KMS by its HTTP API (Encrypt, Decrypt, GenerateDataKey, DescribeKey; https://docs.aws.amazon.com/kms/latest/APIReference/), signed with Signature Version 4.
/// The data key's id is the encryption context: a wrapped key unwraps for its own data alone, and the service's log says for which.
/// </summary>
internal sealed class KmsService : IDisposable
{
    private const string Context = "rftconsole:data-key";

    private readonly AmazonKeyManagementServiceClient _client;
    private readonly string _name;
    private readonly KmsKey _key;

    /// <param name="name">The console's name of the key, for messages.</param>
    /// <param name="key">Which one, and where.</param>
    /// <param name="variable">The environment.</param>
    /// <exception cref="UserInputException">There is no region, no such profile, or a variable is not set.</exception>
    public KmsService(string name, KmsKey key, Func<string, string?> variable)
    {
        (_name, _key) = (name, key);
        var profile = Profile(key, variable);
        string region = (key.KeyId.Split(':') is ["arn", _, "kms", { Length: > 0 } named, ..] ? named : null) ?? key.Region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile?.Region?.SystemName
            ?? (key.Endpoint is not null ? "us-east-1" : throw new UserInputException("Region: is missing; give it, name the key by its ARN, or set AWS_REGION"));
        var config = new AmazonKeyManagementServiceConfig { Timeout = TimeSpan.FromSeconds(20), MaxErrorRetry = 2 };
        if (key.Endpoint is { } endpoint)
        {
            config.ServiceURL = Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? endpoint : throw new UserInputException($"Endpoint: \"{endpoint}\" is no http or https address");
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        _client = Credentials(key, profile, variable) is { } credentials ? new(credentials, config) : new(config);
    }

    /// <summary>Sees that the key is there and can encrypt.</summary>
    /// <exception cref="KeyUnavailableException">It is not, or the service cannot be reached.</exception>
    public Task DescribeAsync(CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        KeyMetadata metadata = (await _client.DescribeKeyAsync(new DescribeKeyRequest { KeyId = _key.KeyId }, cancellationToken)).KeyMetadata;
        return metadata.Enabled == true && metadata.KeyUsage == KeyUsageType.ENCRYPT_DECRYPT
            ? true
            : throw Unavailable($"the key {metadata.KeyId} is {(metadata.Enabled == true ? $"for {metadata.KeyUsage}" : metadata.KeyState?.Value ?? "disabled")}");
    });

    /// <summary>A data key of the service's making, and its wrapped form.</summary>
    public Task<(byte[] Secret, byte[] Wrapped)> GenerateAsync(Guid id, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        GenerateDataKeyResponse made = await _client.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = _key.KeyId, KeySpec = DataKeySpec.AES_256, EncryptionContext = ContextOf(id) }, cancellationToken);
        return (made.Plaintext.ToArray(), made.CiphertextBlob.ToArray());
    });

    public Task<byte[]> WrapAsync(DataKey key, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        using MemoryStream secret = new(key.Secret.ToArray());
        return (await _client.EncryptAsync(new EncryptRequest { KeyId = _key.KeyId, Plaintext = secret, EncryptionContext = ContextOf(key.Id) }, cancellationToken)).CiphertextBlob.ToArray();
    });

    public Task<DataKey> UnwrapAsync(Guid id, byte[] wrapped, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        using MemoryStream blob = new(wrapped);
        DecryptResponse opened = await _client.DecryptAsync(new DecryptRequest { KeyId = _key.KeyId, CiphertextBlob = blob, EncryptionContext = ContextOf(id) }, cancellationToken);
        return new DataKey(id, opened.Plaintext.ToArray());
    });

    public void Dispose() => _client.Dispose();

    private static Dictionary<string, string> ContextOf(Guid id) => new() { [Context] = id.ToString("D") };

    private static CredentialProfile? Profile(KmsKey key, Func<string, string?> variable)
    {
        var chain = new CredentialProfileStoreChain();
        return chain.TryGetProfile(key.Profile ?? variable("AWS_PROFILE") ?? "default", out var profile) ? profile
            : key.Profile is null ? null
            : throw new UserInputException($"Profile: there is no profile {key.Profile} in the shared AWS files");
    }

    private static AWSCredentials? Credentials(KmsKey key, CredentialProfile? profile, Func<string, string?> variable)
    {
        if (key.AccessKeyIdEnv is { } id)
        {
            return new BasicAWSCredentials(Value(id), Value(key.SecretAccessKeyEnv ?? throw new UserInputException("Secret access key: name the environment variable that holds it")));
        }

        return key.Profile is null && variable("AWS_ACCESS_KEY_ID") is { Length: > 0 } access && variable("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret
            ? variable("AWS_SESSION_TOKEN") is { Length: > 0 } token ? new SessionAWSCredentials(access, secret, token) : new BasicAWSCredentials(access, secret)
            : profile?.GetAWSCredentials(new CredentialProfileStoreChain());

        string Value(string name) => variable(name) is { Length: > 0 } value ? value : throw new UserInputException($"Credentials: the environment variable {name} is not set");
    }

    private async Task<T> GuardedAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException e)
        {
            throw Unavailable($"{_key.Endpoint ?? "AWS KMS"} answers {(string.IsNullOrEmpty(e.ErrorCode) ? e.StatusCode.ToString() : e.ErrorCode)}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}", e);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or IOException or TimeoutException)
        {
            throw Unavailable($"{_key.Endpoint ?? "AWS KMS"} cannot be reached: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ").TrimEnd('.')}", e);
        }
    }

    private KeyUnavailableException Unavailable(string reason, Exception? inner = null) => new($"The encryption key \"{_name}\" cannot be used: {reason}.", inner);
}
