namespace RftConsole.Web.Jobs;

/// <summary>
/// A reading that all share who ask for it at the same time: twenty pages that hear of a change read the database once. It is read again after any change,
/// and after a while in any case, because some of it passes with the time.
/// </summary>
/// <param name="read">Reads; it gets what was read the time before, null at first.</param>
/// <param name="feed">Says when something changed.</param>
/// <param name="time">Clock.</param>
internal sealed class SharedRead<T>(Func<T?, Task<T>> read, ChangeFeed feed, TimeProvider time)
    where T : class
{
    /// <summary>The longest that a reading is handed out.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<T>? _current;
    private T? _last;
    private long _version;
    private long _began;

    /// <summary>The reading, or one that has begun after the last change that was told.</summary>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            long version = feed.Version;
            if (_current is null || _current.IsFaulted || version != _version || time.GetElapsedTime(_began) >= Lifetime)
            {
                (_version, _began) = (version, time.GetTimestamp());
                // SQLite reads on the thread that asks: on another one the gate is free at once.
                _current = Task.Run(ReadAsync, CancellationToken.None);
            }

            return _current.WaitAsync(cancellationToken);
        }
    }

    private async Task<T> ReadAsync()
    {
        T result = await read(Volatile.Read(ref _last));
        Volatile.Write(ref _last, result);
        return result;
    }
}
