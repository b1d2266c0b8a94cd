using RftConsole.Web.Api.Keys;

namespace RftConsole.Web.Storage;

/// <summary>A key of the HTTP API.</summary>
internal sealed class ApiKeyRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>SHA-256 of the key, in lower-case hexadecimal.</summary>
    public required string Hash { get; set; }

    /// <summary>The key's first characters.</summary>
    public required string Hint { get; set; }

    public ApiScopes Scopes { get; set; }

    public int? RequestsPerMinute { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>What a caller of the HTTP API said of a job beyond its specification.</summary>
internal sealed class ApiJobRow
{
    public required string JobId { get; set; }

    /// <summary>The object <c>method</c> as it was sent.</summary>
    public required string MethodJson { get; set; }

    public string? Suffix { get; set; }

    /// <summary>What the caller called the base model, where that is another name.</summary>
    public string? AskedModel { get; set; }
}

/// <summary>The answer to a request with an idempotency key, to give it again.</summary>
internal sealed class IdempotentReplyRow
{
    /// <summary>The API key of the caller.</summary>
    public required string Caller { get; set; }

    public required string Key { get; set; }

    /// <summary>SHA-256 of path and body.</summary>
    public required string RequestHash { get; set; }

    /// <summary>The id of what was made.</summary>
    public required string ResultId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>What one caller used of one model in one hour.</summary>
internal sealed class UsageRow
{
    /// <summary>An API key's id, or one of the constants of <see cref="ApiCaller"/>.</summary>
    public required string Caller { get; set; }

    /// <summary>A deployment's id, or another name of what answered.</summary>
    public required string Target { get; set; }

    /// <summary>The hour's beginning.</summary>
    public DateTimeOffset Hour { get; set; }

    public long Requests { get; set; }

    public long Failures { get; set; }

    public long PromptTokens { get; set; }

    public long CompletionTokens { get; set; }
}
