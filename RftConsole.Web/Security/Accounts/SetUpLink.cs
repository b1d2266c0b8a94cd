using System.Security.Cryptography;
using System.Text;

namespace RftConsole.Web.Security.Accounts;

/// <summary>The link by which the first administrator introduces themselves: random, for one hour and one use, known to whoever reads the console's output.</summary>
internal sealed class SetUpLink(TimeProvider time)
{
    /// <summary>How long it can be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private byte[]? _hash;
    private DateTimeOffset _expires;

    /// <summary>Makes a new link; the one before ends.</summary>
    /// <returns>The path with its token.</returns>
    public string Create()
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (_gate)
        {
            _hash = Hash(token);
            _expires = time.GetUtcNow() + Lifetime;
        }

        return $"/account/set-up?token={token}";
    }

    /// <summary>Whether the token is that of the link, and the link can still be used.</summary>
    public bool IsOpen(string? token)
    {
        lock (_gate)
        {
            return _hash is not null && token is not null && time.GetUtcNow() < _expires && CryptographicOperations.FixedTimeEquals(_hash, Hash(token));
        }
    }

    /// <summary>Uses the link up; false where it was, or is not this one.</summary>
    public bool TryUse(string? token)
    {
        lock (_gate)
        {
            if (!IsOpen(token))
            {
                return false;
            }

            _hash = null;
            return true;
        }
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
