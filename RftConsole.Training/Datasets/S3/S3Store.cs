using System.Net;

using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Amazon.S3.Model;

using RftConsole.Training.Network;

namespace RftConsole.Training.Datasets.S3;

/// <summary>An object in a bucket.</summary>
public sealed record S3Entry(string Key, long Bytes, DateTimeOffset? Modified)
{
    /// <summary>Its entity tag, which changes with its content.</summary>
    public string? Version { get; init; }
}

/// <summary>What a folder of a bucket holds.</summary>
/// <param name="Folders">Prefixes, each with its slash.</param>
/// <param name="Objects">Objects, without those of the folders.</param>
/// <param name="More">There are more than are listed.</param>
public sealed record S3Listing(IReadOnlyList<string> Folders, IReadOnlyList<S3Entry> Objects, bool More);

/// <summary>Reads and writes a store that speaks the S3 protocol. Errors are one line that names the address and what to do.</summary>
public sealed class S3Store : IDisposable
{
    private const int MostListed = 1000;

    private readonly AmazonS3Client _client;
    private readonly string _where;

    /// <param name="connection">Where it is, and who calls.</param>
    /// <param name="network">The gate of its calls; null for one that refuses nothing.</param>
    /// <exception cref="UserInputException">The connection names a profile that is not there, or half a pair of keys, or keys that only a call which network isolation refuses could fetch.</exception>
    public S3Store(S3Connection connection, OutboundPolicy? network = null)
    {
        OutboundPolicy gate = network ?? OutboundPolicy.Unrestricted;
        _where = connection.Endpoint ?? "AWS";
        var region = connection.Region ?? Region(connection.Profile);
        var config = new AmazonS3Config
        {
            ForcePathStyle = connection.PathStyle,
            // Many stores know nothing of the newer checksums; the download compares lengths and versions itself.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 4,
            Timeout = TimeSpan.FromSeconds(60),
            HttpClientFactory = new GatedClients(gate),
        };
        if (connection.Endpoint is { } endpoint)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new UserInputException($"S3 endpoint: \"{endpoint}\" is no address such as http://127.0.0.1:9000");
            }

            config.ServiceURL = endpoint;
            config.AuthenticationRegion = region ?? "us-east-1";
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? "us-east-1");
        }

        if (gate.Mode != NetworkMode.Off)
        {
            RequireOwnKeys(connection);
        }

        _client = Credentials(connection) is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    /// <summary>The names of the buckets that the keys own.</summary>
    public Task<IReadOnlyList<string>> BucketsAsync(CancellationToken cancellation = default) => GuardedAsync<IReadOnlyList<string>>("the list of buckets", async () =>
        [.. ((await _client.ListBucketsAsync(cancellation)).Buckets ?? []).Select(bucket => bucket.BucketName)]);

    /// <summary>What a folder of a bucket holds; folders end with a slash.</summary>
    public Task<S3Listing> ListAsync(S3Address folder, CancellationToken cancellation = default) => GuardedAsync(folder.ToString(), async () =>
    {
        var response = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = folder.Bucket, Prefix = folder.Key, Delimiter = "/", MaxKeys = MostListed }, cancellation);
        return new S3Listing(
            [.. response.CommonPrefixes ?? []],
            [.. (response.S3Objects ?? []).Where(item => item.Key != folder.Key).Select(Entry)],
            response.IsTruncated == true);
    });

    /// <summary>Every object whose key begins with a prefix, in the order of the keys; folder marks and empty objects are left out.</summary>
    public Task<IReadOnlyList<S3Entry>> FindAsync(S3Address prefix, CancellationToken cancellation = default) => GuardedAsync<IReadOnlyList<S3Entry>>(prefix.ToString(), async () =>
    {
        var found = new List<S3Entry>();
        var request = new ListObjectsV2Request { BucketName = prefix.Bucket, Prefix = prefix.Key };
        ListObjectsV2Response response;
        do
        {
            response = await _client.ListObjectsV2Async(request, cancellation);
            found.AddRange((response.S3Objects ?? []).Select(Entry).Where(entry => entry.Bytes > 0 && !entry.Key.EndsWith('/')));
            request.ContinuationToken = response.NextContinuationToken;
        }
        while (response.IsTruncated == true);
        return [.. found.OrderBy(entry => entry.Key, StringComparer.Ordinal)];
    });

    /// <summary>Downloads an object in parts; one that was cut off before goes on where it stood, as long as the object has not changed.</summary>
    /// <param name="address">The object.</param>
    /// <param name="file">Where it goes; it is there only when it is whole.</param>
    /// <param name="progress">Hears how many bytes are there.</param>
    /// <param name="cancellation">Ends the download; the next one goes on.</param>
    /// <exception cref="UserInputException">There is no such object, or it cannot be read.</exception>
    public Task DownloadAsync(S3Address address, string file, Action<long, long>? progress = null, CancellationToken cancellation = default) =>
        GuardedAsync(address.ToString(), async () =>
        {
            await new S3Download(_client, address, file, progress).RunAsync(cancellation);
            return true;
        });

    /// <summary>Writes a file to an address, in parts where it is large.</summary>
    public Task UploadAsync(string file, S3Address address, CancellationToken cancellation = default) => GuardedAsync(address.ToString(), async () =>
    {
        await new S3Upload(_client, file, address).RunAsync(cancellation);
        return true;
    });

    /// <summary>Where calls about an address go.</summary>
    public HostPort PlaceOf(S3Address address) => HostPort.Of(new Uri(_client.DetermineServiceOperationEndpoint(new GetObjectRequest { BucketName = address.Bucket, Key = address.Key }).URL));

    /// <summary>The SDK would look for keys at addresses that no list of hosts names.</summary>
    private static void RequireOwnKeys(S3Connection connection)
    {
        bool stored = connection.Profile is { } profile && new CredentialProfileStoreChain().TryGetProfile(profile, out var found) && found.Options is { AccessKey: not null, RoleArn: null };
        if (!connection.Anonymous && connection.AccessKeyId is null && !stored)
        {
            throw new UserInputException("S3: network isolation allows keys that are at hand alone: set an access key with its secret, or a profile that holds them (a role's keys would be fetched over the network)");
        }
    }

    private static S3Entry Entry(S3Object item) => new(item.Key, item.Size ?? 0, item.LastModified is { } modified ? new DateTimeOffset(modified.ToUniversalTime()) : null) { Version = item.ETag };

    private static AWSCredentials? Credentials(S3Connection connection)
    {
        if (connection.Anonymous)
        {
            return new AnonymousAWSCredentials();
        }

        if ((connection.AccessKeyId is null) != (connection.SecretAccessKey is null))
        {
            throw new UserInputException($"S3: {(connection.AccessKeyId is null ? "the secret access key is there without its access key id" : "the access key id is there without its secret access key")}");
        }

        if (connection.AccessKeyId is { } id)
        {
            return connection.SessionToken is { } token ? new SessionAWSCredentials(id, connection.SecretAccessKey, token) : new BasicAWSCredentials(id, connection.SecretAccessKey);
        }

        return connection.Profile is not { } profile ? null
            : new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var found) ? found
            : throw new UserInputException($"S3: there is no profile \"{profile}\" in the AWS configuration of this user");
    }

    private static string? Region(string? profile) =>
        profile is not null && new CredentialProfileStoreChain().TryGetProfile(profile, out var found) ? found.Region?.SystemName : null;

    private async Task<T> GuardedAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (AmazonS3Exception e)
        {
            throw new UserInputException($"{what}: {Reason(e)}", e);
        }
        catch (AmazonClientException e)
        {
            throw new UserInputException($"{what}: {e.Message.ReplaceLineEndings(" ")} (keys, a profile or anonymous access must be set for S3)", e);
        }
        catch (Exception e) when (e is AmazonServiceException or HttpRequestException or IOException or TimeoutException)
        {
            throw new UserInputException($"{what}: {_where} cannot be reached or broke off: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The SDK's clients, made by the gate; the SDK itself follows what a bucket in another region answers, through the gate again.</summary>
    private sealed class GatedClients(OutboundPolicy network) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => network.Client(Callers.S3);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    private string Reason(AmazonS3Exception e) => e.ErrorCode switch
    {
        "NoSuchBucket" => $"there is no such bucket at {_where}",
        "NoSuchKey" or "NotFound" => "there is no such object",
        "AccessDenied" or "Forbidden" => "access denied; see that the keys may read it (or write it), or that anonymous access is meant",
        "InvalidAccessKeyId" => $"the access key id is not known at {_where}",
        "SignatureDoesNotMatch" => "the secret access key does not fit the access key id",
        "PreconditionFailed" => "the object changed while it was downloaded; start again",
        "PermanentRedirect" or "AuthorizationHeaderMalformed" => $"the bucket is in another region: {e.Message.ReplaceLineEndings(" ")}",
        _ => e.StatusCode switch
        {
            HttpStatusCode.NotFound => "there is no such bucket or object",
            HttpStatusCode.Forbidden => "access denied; see that the keys may read it (or write it), or that anonymous access is meant",
            _ => $"{_where} answers: {e.Message.ReplaceLineEndings(" ")} ({(int)e.StatusCode})",
        },
    };
}
