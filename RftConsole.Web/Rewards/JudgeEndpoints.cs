using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Rewards;

/// <summary>Endpoints in the database, their keys encrypted with a key of the data folder.</summary>
internal sealed class JudgeEndpoints(
    IDbContextFactory<ConsoleDbContext> contexts,
    IDataProtectionProvider protection,
    ChangeFeed feed,
    TimeProvider time,
    Func<string, string?> environment) : IJudgeEndpoints
{
    private const int LongestText = 200;
    private static readonly TimeSpan s_testLimit = TimeSpan.FromSeconds(60);

    private readonly IDataProtector _protector = protection.CreateProtector("RftConsole.JudgeKey");

    public async Task<IReadOnlyList<JudgeEndpoint>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return [.. (await context.JudgeEndpoints.AsNoTracking().OrderBy(row => row.Name).ToListAsync(cancellationToken)).Select(ToEndpoint)];
    }

    public async Task<JudgeEndpoint> AddAsync(string name, string baseUrl, string model, string? key, CancellationToken cancellationToken = default)
    {
        JudgeEndpointRow row = new()
        {
            Id = NewId.Create(),
            Name = RequireText("name", "Name", name),
            BaseUrl = RequireAddress(baseUrl),
            Model = RequireText("model", "Model", model),
            ProtectedKey = Protect(key),
            CreatedAt = time.GetUtcNow(),
        };
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await RequireFreeNameAsync(context, row.Name, cancellationToken);
        context.JudgeEndpoints.Add(row);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Two pages can pass the check at once; the index lets one of them through.
            await using ConsoleDbContext again = await contexts.CreateDbContextAsync(cancellationToken);
            await RequireFreeNameAsync(again, row.Name, cancellationToken);
            throw;
        }

        feed.Publish(ChangeTopic.Rewards);
        return ToEndpoint(row);
    }

    public async Task SetKeyAsync(string id, string? key, CancellationToken cancellationToken = default)
    {
        string? kept = Protect(key);
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.JudgeEndpoints.Where(row => row.Id == id).ExecuteUpdateAsync(update => update.SetProperty(row => row.ProtectedKey, kept), cancellationToken) == 0)
        {
            throw new UserInputException("This endpoint has been deleted.");
        }

        feed.Publish(ChangeTopic.Rewards);
    }

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.JudgeEndpoints.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new UserInputException("This endpoint has been deleted already.");
        }

        feed.Publish(ChangeTopic.Rewards);
    }

    public async Task<EndpointTest> TestAsync(string id, CancellationToken cancellationToken = default)
    {
        if ((await ListAsync(cancellationToken)).FirstOrDefault(endpoint => endpoint.Id == id) is not { } endpoint)
        {
            return new(false, "This endpoint has been deleted.");
        }

        RewardFunctionSpecification reward = new()
        {
            Type = RewardFunctionSpecification.ModelAsJudge,
            JudgeModel = endpoint.ToJudgeModel(),
            Instructions = "You check arithmetic. Give 1 where the response answers the question correctly, and 0 where it does not.\n\nQuestion: {prompt}\nResponse: {completion}\n\nReturn exactly this JSON: {\"score\": 0 or 1, \"reasoning\": \"…\"}",
            Limits = new() { TimeoutSeconds = s_testLimit.TotalSeconds },
        };
        try
        {
            long started = Stopwatch.GetTimestamp();
            await using IRewardFunction judge = await RewardFunctions.CreateAsync(reward, ".", new RewardServices { Secret = SecretsOf(reward) }, new RewardOptions { Retries = 0 }, cancellationToken);
            RewardSample sample = new("test:0", [new ChatMessage("user", "What is 2 + 2?"), new ChatMessage("assistant", "4")], null, []);
            RewardResult result = (await judge.ScoreAsync([sample], cancellationToken))[0];
            string took = Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            return result switch
            {
                { Unjudged: { } reason } => new(false, $"It answered after {took} s, but not with a verdict: {reason}"),
                { Error: { } error } => new(false, error),
                _ => new(true, string.Create(CultureInfo.InvariantCulture, $"It judged a right answer to 2 + 2 with {result.Score:0.##} after {took} s.")),
            };
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException)
        {
            return new(false, problem.Message);
        }
    }

    public Func<string, string?> SecretsOf(RewardFunctionSpecification reward)
    {
        // A function that names another address asks for the key of an endpoint in vain.
        HashSet<string> addresses = [.. Judges(reward).Select(judge => judge.BaseUrl).OfType<string>().Select(Plain)];
        return name => environment(name) is { Length: > 0 } given ? given : Stored(name, addresses);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Rewards, null, changed);

    private static IEnumerable<JudgeModel> Judges(RewardFunctionSpecification reward) =>
        new[] { reward.JudgeModel }.OfType<JudgeModel>().Concat((reward.Parts ?? []).SelectMany(part => Judges(part.RewardFunction)));

    private static JudgeEndpoint ToEndpoint(JudgeEndpointRow row) => new(row.Id, row.Name, row.BaseUrl, row.Model, row.ProtectedKey is not null);

    private static string Plain(string address) => address.TrimEnd('/');

    private static string RequireText(string field, string label, string text) => text.Trim() switch
    {
        "" => throw new FieldInputException(field, $"{label}: give one."),
        { Length: > LongestText } => throw new FieldInputException(field, $"{label}: at most {LongestText} characters are allowed."),
        var trimmed when trimmed.Any(char.IsControl) => throw new FieldInputException(field, $"{label}: it has a character that cannot be shown."),
        var trimmed => trimmed,
    };

    private static string RequireAddress(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Query.Length == 0
            ? Plain(uri.ToString())
            : throw new FieldInputException("baseUrl", $"Base URL: \"{address}\" is no address such as https://judge.example/v1.");

    private static async Task RequireFreeNameAsync(ConsoleDbContext context, string name, CancellationToken cancellationToken)
    {
        if (await context.JudgeEndpoints.AnyAsync(row => row.Name == name, cancellationToken))
        {
            throw new FieldInputException("name", $"Name: there is an endpoint \"{name}\" already; choose another name.");
        }
    }

    private string? Protect(string? key)
    {
        string? trimmed = string.IsNullOrWhiteSpace(key) ? null : key.Trim();
        return trimmed switch
        {
            null => null,
            _ when trimmed.All(character => character is > ' ' and < (char)127) => _protector.Protect(trimmed),
            _ => throw new FieldInputException("key", "Key: it has a character that no key has; copy it again."),
        };
    }

    private string? Stored(string name, HashSet<string> addresses)
    {
        using ConsoleDbContext context = contexts.CreateDbContext();
        JudgeEndpointRow? row = context.JudgeEndpoints.AsNoTracking().AsEnumerable().FirstOrDefault(row => JudgeEndpoint.SecretName(row.Id) == name);
        if (row?.ProtectedKey is not { } kept || !addresses.Contains(row.BaseUrl))
        {
            return null;
        }

        try
        {
            return _protector.Unprotect(kept);
        }
        catch (CryptographicException)
        {
            // The key that encrypted it has gone: it has to be entered again.
            return null;
        }
    }
}
