using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>Usage of one hour.</summary>
/// <param name="Caller">An API key's id, or another name of the caller.</param>
/// <param name="Target">A deployment's id, or another name of what answered.</param>
/// <param name="Hour">The hour's beginning.</param>
/// <param name="Requests">Calls.</param>
/// <param name="Failures">Those that came to no end.</param>
/// <param name="PromptTokens">Tokens of prompts.</param>
/// <param name="CompletionTokens">Tokens of answers.</param>
public sealed record UsageHour(string Caller, string Target, DateTimeOffset Hour, long Requests, long Failures, long PromptTokens, long CompletionTokens);

/// <summary>Who used what, by the hour.</summary>
public interface IUsage
{
    /// <summary>From a time on, oldest first.</summary>
    /// <param name="since">The first hour.</param>
    /// <param name="target">A deployment's id; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<UsageHour>> SinceAsync(DateTimeOffset since, string? target = null, CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="changed"/> when there is news; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}

/// <summary>Counts calls in memory and stores them every few seconds, at the end, and before anyone looks: an answer must not wait for the database.</summary>
internal sealed partial class UsageMeter(IDbContextFactory<ConsoleDbContext> contexts, ChangeFeed feed, TimeProvider time, ILogger<UsageMeter> log) : BackgroundService, IUsage
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    // Never disposed of: it holds nothing but memory, and a host that is stopped from two sides may store once more after its services are gone.
    private readonly SemaphoreSlim _storing = new(1, 1);

    private Dictionary<(string Caller, string Target, DateTimeOffset Hour), UsageHour> _pending = [];

    /// <summary>Counts a call.</summary>
    public void Add(string caller, string target, int promptTokens, int completionTokens, bool failed)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset hour = new(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        lock (_gate)
        {
            UsageHour known = _pending.GetValueOrDefault((caller, target, hour)) ?? new(caller, target, hour, 0, 0, 0, 0);
            _pending[(caller, target, hour)] = known with
            {
                Requests = known.Requests + 1,
                Failures = known.Failures + (failed ? 1 : 0),
                PromptTokens = known.PromptTokens + promptTokens,
                CompletionTokens = known.CompletionTokens + completionTokens,
            };
        }
    }

    public async Task<IReadOnlyList<UsageHour>> SinceAsync(DateTimeOffset since, string? target = null, CancellationToken cancellationToken = default)
    {
        await StoreAsync();
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Usage.AsNoTracking()
            .Where(row => row.Hour >= since && (target == null || row.Target == target))
            .OrderBy(row => row.Hour)
            .Select(row => new UsageHour(row.Caller, row.Target, row.Hour, row.Requests, row.Failures, row.PromptTokens, row.CompletionTokens))
            .ToListAsync(cancellationToken);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Usage, null, changed);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await StoreAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await StoreAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is stored when the service stops.
        }
    }

    private async Task StoreAsync()
    {
        await _storing.WaitAsync();
        try
        {
            Dictionary<(string, string, DateTimeOffset), UsageHour> taken;
            lock (_gate)
            {
                (taken, _pending) = (_pending, []);
            }

            if (taken.Count > 0)
            {
                await StoreAsync(taken.Values);
                feed.Publish(ChangeTopic.Usage);
            }
        }
        finally
        {
            _storing.Release();
        }
    }

    private async Task StoreAsync(IReadOnlyCollection<UsageHour> hours)
    {
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync();
            foreach (UsageHour hour in hours)
            {
                UsageRow? row = await context.Usage.FindAsync(hour.Caller, hour.Target, hour.Hour);
                if (row is null)
                {
                    context.Usage.Add(row = new() { Caller = hour.Caller, Target = hour.Target, Hour = hour.Hour });
                }

                row.Requests += hour.Requests;
                row.Failures += hour.Failures;
                row.PromptTokens += hour.PromptTokens;
                row.CompletionTokens += hour.CompletionTokens;
            }

            await context.SaveChangesAsync();
        }
        catch (DbUpdateException problem)
        {
            // A full disk costs these counts and nothing else.
            LogLost(problem);
        }
    }

    [LoggerMessage(LogLevel.Error, "Usage could not be stored")]
    private partial void LogLost(Exception problem);
}
