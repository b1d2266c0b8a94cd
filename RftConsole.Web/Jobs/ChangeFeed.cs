namespace RftConsole.Web.Jobs;

/// <summary>What a change is about.</summary>
internal enum ChangeTopic
{
    Jobs,
    Models,
    Deployments,
    DataSets,
    BaseModels,
    Rewards,
    ApiKeys,
    Usage,
    EncryptionKeys,
    Notifications,
    Webhook,
}

/// <summary>
/// Tells pages that something changed, not what: each re-reads what it shows. Every subscriber hears at most one call per 100 ms,
/// never two at once, and always one after the last change.
/// </summary>
internal sealed partial class ChangeFeed(TimeProvider time, ILogger<ChangeFeed> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly HashSet<Subscription> _subscriptions = [];
    private readonly TimeProvider _time = time;
    private long _version;

    /// <summary>Grows with every change, before anybody hears of it: what was read at the same version is still true.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Subscriptions that were not disposed of.</summary>
    public int SubscriptionCount
    {
        get
        {
            lock (_gate)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <param name="topic">What to hear about.</param>
    /// <param name="id">One job; null: all of the topic.</param>
    /// <param name="changed">Runs on a thread of the pool.</param>
    public IDisposable Subscribe(ChangeTopic topic, string? id, Func<Task> changed)
    {
        Subscription subscription = new(this, topic, id, changed);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public void Publish(ChangeTopic topic, string? id = null)
    {
        Interlocked.Increment(ref _version);
        Subscription[] concerned;
        lock (_gate)
        {
            concerned = [.. _subscriptions.Where(subscription => subscription.Concerns(topic, id))];
        }

        foreach (Subscription subscription in concerned)
        {
            subscription.Notify();
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A subscriber to {Topic} failed to show a change")]
    private partial void LogSubscriberFailed(Exception problem, ChangeTopic topic);

    private sealed class Subscription : IDisposable
    {
        private readonly ChangeFeed _feed;
        private readonly ChangeTopic _topic;
        private readonly string? _id;
        private readonly Func<Task> _changed;
        private readonly Lock _gate = new();
        private readonly ITimer _timer;
        private long? _lastCall;
        private bool _waiting;
        private bool _calling;
        private bool _changedMeanwhile;
        private bool _disposed;

        public Subscription(ChangeFeed feed, ChangeTopic topic, string? id, Func<Task> changed)
        {
            (_feed, _topic, _id, _changed) = (feed, topic, id, changed);
            _timer = feed._time.CreateTimer(_ => Call(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Concerns(ChangeTopic topic, string? id) => topic == _topic && (_id is null || id is null || _id == id);

        public void Notify()
        {
            lock (_gate)
            {
                if (_disposed || _waiting)
                {
                    return;
                }

                if (_calling)
                {
                    _changedMeanwhile = true;
                    return;
                }

                Schedule();
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _disposed = true;
            }

            _feed.Remove(this);
            _timer.Dispose();
        }

        private void Schedule()
        {
            TimeSpan rest = _lastCall is { } last ? Interval - _feed._time.GetElapsedTime(last) : TimeSpan.Zero;
            _waiting = true;
            _timer.Change(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        private void Call()
        {
            lock (_gate)
            {
                if (_disposed)
                {
                    return;
                }

                _waiting = false;
                _calling = true;
                _changedMeanwhile = false;
                _lastCall = _feed._time.GetTimestamp();
            }

            // Off the timer's thread: a fake clock fires its timers inside Advance.
            _ = Task.Run(CallAsync);
        }

        private async Task CallAsync()
        {
            try
            {
                await _changed();
            }
            catch (Exception problem)
            {
                // One page that fails must not cost the others their news.
                _feed.LogSubscriberFailed(problem, _topic);
            }

            lock (_gate)
            {
                _calling = false;
                if (_changedMeanwhile && !_disposed)
                {
                    Schedule();
                }
            }
        }
    }
}
