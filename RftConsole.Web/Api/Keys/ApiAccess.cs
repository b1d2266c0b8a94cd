using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace RftConsole.Web.Api.Keys;

/// <summary>Lets requests in whose key is valid, may do what they ask for, and does not ask too often.</summary>
internal sealed class ApiAccess(IApiKeys keys) : IDisposable
{
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<(string KeyId, int PerMinute), RateLimiter> _limits = new();

    /// <summary>The caller of a request that was let in.</summary>
    public static ApiCaller CallerOf(HttpContext http) => http.Items[typeof(ApiCaller)] as ApiCaller ?? throw new InvalidOperationException("The endpoint requires no key.");

    /// <exception cref="ApiException">The request is not let in.</exception>
    public async Task AdmitAsync(HttpContext http, ApiScopes scope)
    {
        string header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length == Scheme.Length)
        {
            throw new ApiException(StatusCodes.Status401Unauthorized, "Send an API key of this console as 'Authorization: Bearer KEY'; keys are made in Settings.", code: "missing_api_key");
        }

        ApiCaller caller = await keys.FindCallerAsync(header[Scheme.Length..].Trim(), http.RequestAborted)
            ?? throw new ApiException(StatusCodes.Status401Unauthorized, "This API key is not valid here: it is unknown, has expired or was revoked.", code: "invalid_api_key");
        if (scope != ApiScopes.None && (caller.Scopes & scope) == 0)
        {
            throw new ApiException(StatusCodes.Status403Forbidden, $"This API key may not do that: it lacks the scope '{NameOf(scope)}'.", code: "insufficient_scope");
        }

        if (caller.RequestsPerMinute is { } most)
        {
            using RateLimitLease lease = _limits.GetOrAdd((caller.KeyId, most), _ => Limiter(most)).AttemptAcquire();
            if (!lease.IsAcquired)
            {
                TimeSpan rest = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan known) ? known : TimeSpan.FromMinutes(1);
                throw new ApiException(StatusCodes.Status429TooManyRequests, $"This API key may send {most} requests a minute.", code: "rate_limit_exceeded") { RetryAfter = rest };
            }
        }

        http.Items[typeof(ApiCaller)] = caller;
    }

    /// <summary>As the settings and errors name it.</summary>
    public static string NameOf(ApiScopes scope) => scope switch
    {
        ApiScopes.Inference => "inference",
        ApiScopes.FineTuningRead => "fine-tuning read",
        ApiScopes.FineTuningWrite => "fine-tuning write",
        _ => scope.ToString(),
    };

    public void Dispose()
    {
        foreach (RateLimiter limiter in _limits.Values)
        {
            limiter.Dispose();
        }
    }

    private static FixedWindowRateLimiter Limiter(int most) => new(new() { PermitLimit = most, Window = TimeSpan.FromMinutes(1), QueueLimit = 0, AutoReplenishment = true });
}
