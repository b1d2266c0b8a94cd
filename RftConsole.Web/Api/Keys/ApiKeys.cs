using System.Security.Cryptography;
using System.Text;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api.Keys;

/// <summary>Keys over the database, and the one of the environment. A plain hash is right here: nobody guesses 256 random bits.</summary>
internal sealed class ApiKeys(IDbContextFactory<ConsoleDbContext> contexts, ChangeFeed feed, TimeProvider time, Func<string, string?> environment) : IApiKeys
{
    /// <summary>The environment variable whose value is one more key.</summary>
    public const string Variable = "RFTCONSOLE_API_KEY";

    private const string Prefix = "rft-";
    private const int LongestName = 100;

    /// <summary>The last use is written so often at most: it is for people, and each write costs.</summary>
    private static readonly TimeSpan s_lastUseStep = TimeSpan.FromMinutes(1);

    private readonly byte[]? _ofEnvironment = environment(Variable) is { Length: > 0 } key ? Hash(key) : null;

    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<ApiKeyRow> rows = await context.ApiKeys.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Name).ToListAsync(cancellationToken);
        return [.. rows.Select(ToKey)];
    }

    public async Task<NewApiKey> CreateAsync(ApiKeyRequest request, CancellationToken cancellationToken = default)
    {
        string name = request.Name.Trim();
        DateTimeOffset now = time.GetUtcNow();
        Require(name.Length is > 0 and <= LongestName, $"Name: give 1 to {LongestName} characters that say what the key is for.");
        Require((request.Scopes & ApiScopes.All) != 0, "Scopes: choose at least one thing that the key may do.");
        Require(request.ExpiresAt is null || request.ExpiresAt > now, "Expires: this time has passed already.");
        Require(request.RequestsPerMinute is null or (>= 1 and <= 1_000_000), "Requests a minute: give a number from 1 to 1,000,000, or leave it empty.");
        string secret = Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_').TrimEnd('=');
        ApiKeyRow row = new()
        {
            Id = NewId.Create(),
            Name = name,
            Hash = Convert.ToHexStringLower(Hash(secret)),
            Hint = secret[..(Prefix.Length + 4)],
            Scopes = request.Scopes & ApiScopes.All,
            RequestsPerMinute = request.RequestsPerMinute,
            CreatedAt = now,
            ExpiresAt = request.ExpiresAt,
        };
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        context.ApiKeys.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        feed.Publish(ChangeTopic.ApiKeys, row.Id);
        return new(ToKey(row), secret);
    }

    public async Task RevokeAsync(string id, CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.ApiKeys.Where(row => row.Id == id && row.RevokedAt == null).ExecuteUpdateAsync(update => update.SetProperty(row => row.RevokedAt, now), cancellationToken) == 0)
        {
            throw new UserInputException("This key has been revoked already.");
        }

        feed.Publish(ChangeTopic.ApiKeys, id);
    }

    public async Task<ApiCaller?> FindCallerAsync(string secret, CancellationToken cancellationToken = default)
    {
        byte[] hash = Hash(secret);
        if (_ofEnvironment is not null && CryptographicOperations.FixedTimeEquals(hash, _ofEnvironment))
        {
            return new(ApiCaller.Environment, ApiScopes.All, null);
        }

        string text = Convert.ToHexStringLower(hash);
        DateTimeOffset now = time.GetUtcNow();
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(row => row.Hash == text, cancellationToken) is not { RevokedAt: null } key || key.ExpiresAt <= now)
        {
            return null;
        }

        if (key.LastUsedAt is null || now - key.LastUsedAt >= s_lastUseStep)
        {
            await context.ApiKeys.Where(row => row.Id == key.Id).ExecuteUpdateAsync(update => update.SetProperty(row => row.LastUsedAt, now), cancellationToken);
            feed.Publish(ChangeTopic.ApiKeys, key.Id);
        }

        return new(key.Id, key.Scopes, key.RequestsPerMinute);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.ApiKeys, null, changed);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static ApiKey ToKey(ApiKeyRow row) => new(row.Id, row.Name, row.Hint, row.Scopes, row.RequestsPerMinute, row.CreatedAt, row.ExpiresAt, row.LastUsedAt, row.RevokedAt);

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new UserInputException(message);
        }
    }
}
