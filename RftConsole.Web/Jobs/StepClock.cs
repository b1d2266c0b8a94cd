namespace RftConsole.Web.Jobs;

/// <summary>
/// Estimates the time that a running job still needs from its latest steps. A validation after a step counts to the next step,
/// so that the mean carries its share of validations.
/// </summary>
internal sealed class StepClock(TimeProvider time)
{
    /// <summary>Steps that the mean looks back on: enough to hold two validations, few enough to follow growing episodes.</summary>
    private const int Window = 20;

    private readonly Lock _gate = new();
    private readonly Queue<TimeSpan> _durations = new();
    private long? _mark;

    /// <summary>The time before this instant belongs to no step: loading, the base model's validation.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _mark = time.GetTimestamp();
        }
    }

    /// <summary>A step is done.</summary>
    public void StepDone()
    {
        lock (_gate)
        {
            if (_mark is { } mark)
            {
                _durations.Enqueue(time.GetElapsedTime(mark));
                if (_durations.Count > Window)
                {
                    _durations.Dequeue();
                }
            }

            _mark = time.GetTimestamp();
        }
    }

    /// <summary>Time for <paramref name="stepsLeft"/> more steps, less what the current one has used; null before the first step.</summary>
    public TimeSpan? TimeLeft(int stepsLeft)
    {
        lock (_gate)
        {
            if (_durations.Count == 0 || _mark is not { } mark)
            {
                return null;
            }

            TimeSpan mean = TimeSpan.FromTicks((long)_durations.Average(duration => duration.Ticks));
            TimeSpan spent = TimeSpan.FromTicks(Math.Min(time.GetElapsedTime(mark).Ticks, mean.Ticks));
            return stepsLeft <= 0 ? TimeSpan.Zero : (mean * stepsLeft) - spent;
        }
    }
}
