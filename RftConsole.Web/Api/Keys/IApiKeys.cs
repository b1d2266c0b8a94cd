using RftConsole.Training;

namespace RftConsole.Web.Api.Keys;

/// <summary>What a key may do.</summary>
[Flags]
public enum ApiScopes
{
    None = 0,

    /// <summary>Chat completions.</summary>
    Inference = 1,

    /// <summary>Looking at files and jobs, and trying graders.</summary>
    FineTuningRead = 2,

    /// <summary>Uploading files, making and steering jobs.</summary>
    FineTuningWrite = 4,

    All = Inference | FineTuningRead | FineTuningWrite,
}

/// <summary>A key as the settings show it; never the key itself.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Hint">The first characters of the key, to tell keys apart.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="RequestsPerMinute">Most requests a minute; null for no limit of its own.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops working by itself; null for never.</param>
/// <param name="LastUsedAt">To the minute; null before its first use.</param>
/// <param name="RevokedAt">When it was revoked; null while it works.</param>
public sealed record ApiKey(
    string Id, string Name, string Hint, ApiScopes Scopes, int? RequestsPerMinute, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);

/// <summary>What a new key is to be.</summary>
public sealed record ApiKeyRequest(string Name, ApiScopes Scopes, DateTimeOffset? ExpiresAt = null, int? RequestsPerMinute = null);

/// <summary>A key that was just made, with the one and only look at it.</summary>
public sealed record NewApiKey(ApiKey Key, string Secret);

/// <summary>Who sends a request.</summary>
/// <param name="KeyId">The key, or <see cref="Environment"/> or <see cref="Playground"/>.</param>
/// <param name="Scopes">What the caller may do.</param>
/// <param name="RequestsPerMinute">Most requests a minute; null for no limit.</param>
public sealed record ApiCaller(string KeyId, ApiScopes Scopes, int? RequestsPerMinute)
{
    /// <summary>The id of the key that the environment gives.</summary>
    public const string Environment = "environment";

    /// <summary>The pages of the console.</summary>
    public const string Playground = "playground";
}

/// <summary>Keys of the HTTP API. A key is 256 random bits, shown once; what is kept is its SHA-256.</summary>
public interface IApiKeys
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default);

    /// <exception cref="UserInputException">The name is missing or too long, nothing is allowed, or the expiry has passed.</exception>
    Task<NewApiKey> CreateAsync(ApiKeyRequest request, CancellationToken cancellationToken = default);

    /// <summary>It stops working at once, and stays in the list.</summary>
    /// <exception cref="UserInputException">There is no such key, or it was revoked already.</exception>
    Task RevokeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Who a key belongs to; null where it is none, or one that works no more.</summary>
    Task<ApiCaller?> FindCallerAsync(string secret, CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="changed"/> when there is news; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
