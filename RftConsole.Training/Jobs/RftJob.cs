using RftConsole.Training.Models;

namespace RftConsole.Training.Jobs;

/// <summary>One run of a job in its folder; a run in a folder that holds checkpoints resumes from the last one.</summary>
public sealed class RftJob(JobSpecification specification, string folder, ModelHost models)
{
    public JobSpecification Specification { get; } = specification;

    public string Folder { get; } = folder;

    public ModelHost Models { get; } = models;

    /// <summary>
    /// Runs the three phases. <paramref name="stop"/> ends the job after the current step, with its adapter written;
    /// <paramref name="shutdown"/> ends the process' work at once and throws <see cref="OperationCanceledException"/>: the next run resumes.
    /// Everything else that goes wrong is a <see cref="JobFinished"/> with the reason.
    /// </summary>
    public Task<JobFinished> RunAsync(Func<JobEvent, ValueTask> onEvent, CancellationToken stop, CancellationToken shutdown) => throw new NotSupportedException();
}

/// <summary>What a job will cost on this machine.</summary>
/// <param name="Duration">From start to end, without early stopping.</param>
/// <param name="MemoryBytes">Peak memory of the process.</param>
/// <param name="TotalSteps">Optimiser steps.</param>
/// <param name="Resolved">The hyperparameters with every default resolved.</param>
public sealed record JobEstimate(TimeSpan Duration, long MemoryBytes, int TotalSteps, Hyperparameters Resolved);

/// <summary>Estimates time and memory before a job starts.</summary>
public sealed class JobEstimator(ModelHost models)
{
    public ModelHost Models { get; } = models;

    /// <exception cref="UserInputException">The specification cannot be used; the message names the field.</exception>
    public Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken) => throw new NotSupportedException();
}
