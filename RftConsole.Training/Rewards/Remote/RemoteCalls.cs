using Polly;
using Polly.Retry;

namespace RftConsole.Training.Rewards.Remote;

/// <summary>A call that failed for a reason which may have gone when it is made again: no connection, a time-out, throttling, a fault of the server.</summary>
/// <param name="message">What happened, without the server's name.</param>
/// <param name="retryAfter">How long the server asked to wait; null where it said nothing.</param>
/// <param name="inner">The cause.</param>
public sealed class TransientCallException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>How calls to a server are made.</summary>
/// <param name="Concurrency">Most calls under way at a time.</param>
/// <param name="Timeout">Of one try.</param>
/// <param name="PerMinute">Most calls begun in a minute; null for no limit.</param>
/// <param name="Budget">Most calls of this process, each try counted; null for no limit.</param>
public sealed record CallLimits(int Concurrency, TimeSpan Timeout, int? PerMinute = null, int? Budget = null);

/// <summary>
/// Calls a server that may be slow, throttle or be down: so many calls at a time, so many a minute, a time limit for each, and failures tried again with exponential
/// back-off, or after the time that the server asks for. What still fails is a failure of infrastructure.
/// </summary>
public sealed class RemoteCalls
{
    /// <summary>A server that asks for more is down, as far as a job is concerned.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(2);

    /// <summary>The share of the budget at which the user is told.</summary>
    private const double BudgetWarning = 0.8;

    private readonly string _server;
    private readonly CallLimits _limits;
    private readonly RewardOptions _options;
    private readonly ResiliencePipeline _pipeline;
    private readonly Lock _pace = new();
    private DateTimeOffset _nextStart = DateTimeOffset.MinValue;
    private int _calls;
    private bool _warned;

    /// <param name="server">What errors call the server.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="options">Retries, their delay, and the clock.</param>
    public RemoteCalls(string server, CallLimits limits, RewardOptions options)
    {
        (_server, _limits, _options) = (server, limits, options);
        ResiliencePipelineBuilder builder = new() { TimeProvider = options.TimeProvider };
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<TransientCallException>(error => !(error.RetryAfter > s_longestWait)),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = options.RetryDelay,
                DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as TransientCallException)?.RetryAfter),
            });
        }

        _pipeline = builder.Build();
    }

    /// <summary>Calls made, each try counted.</summary>
    public int Count => Volatile.Read(ref _calls);

    /// <summary>Makes a call for each item, some at a time.</summary>
    /// <param name="items">What to call with.</param>
    /// <param name="call">One try; it throws <see cref="TransientCallException"/> or an exception of the network for what may be tried again.</param>
    /// <param name="onResult">Hears each result with its item's position, from any thread, as soon as it is there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RewardInfrastructureException">A call failed, also when tried again, or the budget is used up. The calls that are under way are given up.</exception>
    public async Task RunAsync<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, CancellationToken, Task<TResult>> call, Action<int, TResult> onResult, CancellationToken cancellationToken)
    {
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = _limits.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(items.Index(), parallel, async (entry, token) => onResult(entry.Index, await RunAsync(inner => call(entry.Item, inner), token)));
    }

    /// <summary>Makes one call.</summary>
    /// <inheritdoc cref="RunAsync{TItem, TResult}(IReadOnlyList{TItem}, Func{TItem, CancellationToken, Task{TResult}}, Action{int, TResult}, CancellationToken)" path="/exception"/>
    public async Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> call, CancellationToken cancellationToken)
    {
        int tries = 0;
        try
        {
            return await _pipeline.ExecuteAsync(
                async token =>
                {
                    await WaitForTurnAsync(token);
                    CountCall();
                    tries++;
                    return await TryAsync(call, token);
                },
                cancellationToken);
        }
        catch (TransientCallException error)
        {
            throw new RewardInfrastructureException($"{_server}: {error.Message}{(tries > 1 ? $" (tried {tries} times)" : "")}", error);
        }
    }

    /// <summary>A warning about the budget, once.</summary>
    public string? TakeWarning()
    {
        if (_warned || _limits.Budget is not { } budget || Count < BudgetWarning * budget)
        {
            return null;
        }

        _warned = true;
        return $"{_server}: {Count} of the {budget} calls of the budget are made; when it is used up, the job pauses";
    }

    private async Task<TResult> TryAsync<TResult>(Func<CancellationToken, Task<TResult>> call, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(_limits.Timeout, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TransientCallException(FormattableString.Invariant($"no answer within {_limits.Timeout.TotalSeconds:0.###} s"), null, error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new TransientCallException(Reason(error), null, error);
        }
    }

    /// <summary>Spaces the starts of calls evenly.</summary>
    private async Task WaitForTurnAsync(CancellationToken cancellationToken)
    {
        if (_limits.PerMinute is not { } perMinute)
        {
            return;
        }

        TimeSpan wait;
        lock (_pace)
        {
            DateTimeOffset now = _options.TimeProvider.GetUtcNow();
            DateTimeOffset start = _nextStart > now ? _nextStart : now;
            _nextStart = start + TimeSpan.FromMinutes(1.0 / perMinute);
            wait = start - now;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _options.TimeProvider, cancellationToken);
        }
    }

    private void CountCall()
    {
        if (Interlocked.Increment(ref _calls) > _limits.Budget)
        {
            throw new RewardInfrastructureException($"{_server}: the budget of {_limits.Budget} calls is used up; resuming the job grants as many again.");
        }
    }

    private static string Reason(Exception error) => error.InnerException is { } inner && error.Message.Contains("See inner", StringComparison.OrdinalIgnoreCase) ? Reason(inner) : error.Message.TrimEnd('.');
}
