namespace RftConsole.Training.Jobs;

/// <summary>How a run of a job is asked to end before its last step.</summary>
public sealed record JobSignals
{
    /// <summary>Ends the job after the current step: validated, and its adapter written.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Ends the run after the current step with a checkpoint: the next run goes on as if it had never been interrupted.</summary>
    public CancellationToken Pause { get; init; }

    /// <summary>
    /// Ends the run with <see cref="OperationCanceledException"/> as soon as nothing is lost by it: a step that has not changed the policy yet is given up within its current slice,
    /// one that has is finished, and the last whole step's checkpoint is written first.
    /// </summary>
    public CancellationToken Halt { get; init; }

    /// <summary>Ends the run at once, with <see cref="OperationCanceledException"/>: the next run goes on from the last checkpoint.</summary>
    public CancellationToken Shutdown { get; init; }
}
