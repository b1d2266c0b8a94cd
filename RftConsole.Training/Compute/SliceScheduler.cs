namespace RftConsole.Training.Compute;

/// <summary>
/// Decides who gets the next slice of the compute thread: interactive work goes first, and training keeps a quarter of the time while both wait.
/// </summary>
/// <remarks>
/// While training waits, each second of interactive work owes training a third of a second. Training takes its turn once
/// <see cref="Turn"/> is owed: a single answer is not interrupted by a slice of training after its first token.
/// </remarks>
public sealed class SliceScheduler
{
    /// <summary>What must be owed to training before it takes a turn.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private TimeSpan _owed;

    /// <summary>Whether training is owed a turn, or the rest of one.</summary>
    public bool OwesTraining => _owed >= Turn;

    /// <summary>Who runs next; at least one of the two must wait.</summary>
    public WorkPriority Next(bool interactiveWaits, bool trainingWaits) =>
        interactiveWaits && !(trainingWaits && OwesTraining) ? WorkPriority.Interactive : WorkPriority.Training;

    /// <summary>Accounts for a slice that ran for <paramref name="duration"/> while the other kind of work waited or did not.</summary>
    public void Ran(WorkPriority priority, TimeSpan duration, bool otherWaited)
    {
        if (!otherWaited)
        {
            _owed = TimeSpan.Zero;
        }
        else if (priority == WorkPriority.Interactive)
        {
            _owed += duration / 3;
        }
        else
        {
            _owed -= duration;
        }
    }
}
