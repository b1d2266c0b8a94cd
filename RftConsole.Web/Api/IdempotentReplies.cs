using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Api.Keys;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api;

/// <summary>
/// Makes a call with the header <c>Idempotency-Key</c> safe to send again: within a day, the same caller gets what the first call made. One call of a key at a time.
/// </summary>
internal sealed class IdempotentReplies(IDbContextFactory<ConsoleDbContext> contexts, TimeProvider time)
{
    private const string Header = "Idempotency-Key";
    private const int LongestKey = 255;

    private static readonly TimeSpan s_kept = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(string Caller, string Key), bool> _underWay = new();

    /// <summary>The id of what an earlier call with this key made, or of what <paramref name="make"/> makes now.</summary>
    /// <exception cref="ApiException">The key was used for another request, is in use right now, or cannot be one.</exception>
    public async Task<string> OnceAsync(HttpContext http, ReadOnlyMemory<byte> body, Func<Task<string>> make)
    {
        if (KeyOf(http) is not { } key)
        {
            return await make();
        }

        string caller = ApiAccess.CallerOf(http).KeyId;
        if (!_underWay.TryAdd((caller, key), true))
        {
            throw new ApiException(StatusCodes.Status409Conflict, $"A request with this {Header} is being answered right now.", code: "idempotency_key_in_use") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        try
        {
            string hash = HashOf(http, body);
            if (await FindAsync(caller, key, hash, http.RequestAborted) is { } known)
            {
                return known;
            }

            string made = await make();
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(CancellationToken.None);
            context.IdempotentReplies.Add(new() { Caller = caller, Key = key, RequestHash = hash, ResultId = made, CreatedAt = time.GetUtcNow() });
            await context.SaveChangesAsync(CancellationToken.None);
            return made;
        }
        finally
        {
            _underWay.TryRemove((caller, key), out _);
        }
    }

    private async Task<string?> FindAsync(string caller, string key, string hash, CancellationToken cancellationToken)
    {
        DateTimeOffset oldest = time.GetUtcNow() - s_kept;
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.IdempotentReplies.Where(row => row.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
        IdempotentReplyRow? row = await context.IdempotentReplies.AsNoTracking().SingleOrDefaultAsync(reply => reply.Caller == caller && reply.Key == key, cancellationToken);
        return row is null || row.RequestHash == hash ? row?.ResultId
            : throw new ApiException(StatusCodes.Status409Conflict, $"This {Header} was used for another request.", code: "idempotency_key_in_use");
    }

    private static string? KeyOf(HttpContext http)
    {
        string key = http.Request.Headers[Header].ToString();
        return key.Length == 0 ? null : key.Length <= LongestKey ? key : throw ApiException.Invalid(Header, $"{Header} has {key.Length} characters; at most {LongestKey} are allowed.");
    }

    private static string HashOf(HttpContext http, ReadOnlyMemory<byte> body)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Both prefixes lead to the same call.
        hash.AppendData(Encoding.UTF8.GetBytes(http.Request.Path.Value!.Replace("/openai/", "/", StringComparison.Ordinal)));
        hash.AppendData(body.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
