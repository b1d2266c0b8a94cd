namespace RftConsole.Tests.Rewards;

/// <summary>
/// A clock on which short waits, as those between retries, pass at once, and long ones, as a call's time limit, never come, unless <paramref name="expires"/> is set. It
/// goes forward by what was waited for.
/// </summary>
internal sealed class PassingTime(bool expires = false) : TimeProvider
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(40);

    private readonly Lock _lock = new();
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The short waits, in the order they were asked for.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= s_long || dueTime == Timeout.InfiniteTimeSpan)
        {
            return base.CreateTimer(callback, state, expires && dueTime != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        lock (_lock)
        {
            Waits.Add(dueTime);
            _now += dueTime;
        }

        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
