using RftConsole.Training.Jobs;
using RftConsole.Training.Network;

namespace RftConsole.Web.Jobs;

/// <summary>A job's status, as the original names it; <see cref="Queued"/> and <see cref="Paused"/> are ours.</summary>
public enum JobStatus
{
    Queued,
    InProgress,
    Stopping,
    Stopped,
    Paused,
    Completed,
    Failed,
}

/// <summary>One row of the jobs table.</summary>
/// <param name="Id">The job's id, part of its address.</param>
/// <param name="Name">Job name.</param>
/// <param name="CustomModelName">Name of the model that the job makes.</param>
/// <param name="BaseModel">Base model.</param>
/// <param name="RewardName">The reward template's title, or the file's name.</param>
/// <param name="Status">Status.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="StartedAt">When it first ran.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="StepsDone">Optimiser steps done.</param>
/// <param name="TotalSteps">Steps planned; 0 before the plan is known.</param>
/// <param name="BaselineAccuracy">Validation accuracy of the base model.</param>
/// <param name="BestAccuracy">Validation accuracy of the best checkpoint so far.</param>
/// <param name="TimeLeft">Estimated from the steps so far; null where there is no basis.</param>
/// <param name="Message">Why it failed, stopped or paused.</param>
/// <param name="ModelId">The custom model, once there is one.</param>
/// <param name="Tags">Tags.</param>
public sealed record JobSummary(
    string Id,
    string Name,
    string CustomModelName,
    string BaseModel,
    string RewardName,
    JobStatus Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    int StepsDone,
    int TotalSteps,
    double? BaselineAccuracy,
    double? BestAccuracy,
    TimeSpan? TimeLeft,
    string? Message,
    string? ModelId,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Place in the queue, from 1; null where the job does not wait.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>It was asked to pause and finishes its current step.</summary>
    public bool Pausing { get; init; }

    /// <summary>What its folder takes up.</summary>
    public long Bytes { get; init; }

    /// <summary>The phase that it is in or ended in; null before the first.</summary>
    public JobPhase? Phase { get; init; }

    /// <summary>Validation accuracy gained over the base model, as a difference of shares; null while one of them is unknown.</summary>
    public double? Gain => BestAccuracy - BaselineAccuracy;

    /// <summary>From its first start to its end, or to <paramref name="now"/>; null while it waits. A job that was made longer has started before, and does not run while it waits.</summary>
    public TimeSpan? Elapsed(DateTimeOffset now) => Status != JobStatus.Queued && StartedAt is { } started ? (FinishedAt ?? now) - started : null;
}

/// <summary>A line of a job's log.</summary>
public sealed record JobLogLine(DateTimeOffset Time, string Level, string Message);

/// <summary>All that the job page's header and tabs show, apart from metrics and rollouts.</summary>
/// <param name="Summary">The row of the table.</param>
/// <param name="Specification">As written by its author.</param>
/// <param name="Plan">Resolved hyperparameters and counts, once data processing is done.</param>
/// <param name="Phases">Status of the three phases.</param>
/// <param name="Log">Log lines, oldest first.</param>
/// <param name="Folder">Where its artefacts lie.</param>
public sealed record JobDetails(
    JobSummary Summary,
    JobSpecification Specification,
    JobPlanned? Plan,
    IReadOnlyDictionary<JobPhase, PhaseStatus> Phases,
    IReadOnlyList<JobLogLine> Log,
    string Folder)
{
    /// <summary>The uploaded data set that it trains on, while there is one.</summary>
    public string? TrainingDataSetId { get; init; }

    /// <summary>Which version of it.</summary>
    public int? TrainingDataSetVersion { get; init; }

    /// <summary>The uploaded data set that it validates on, while there is one.</summary>
    public string? ValidationDataSetId { get; init; }

    /// <summary>Which version of it.</summary>
    public int? ValidationDataSetVersion { get; init; }

    /// <summary>The tuned model that its training began with; null where it began with the base model. It may be gone.</summary>
    public string? InitialModelId { get; init; }

    /// <summary>The key that its folder is encrypted with; null for none.</summary>
    public string? EncryptionKey { get; init; }

    /// <summary>What its network isolation refused, by host and caller, the latest first.</summary>
    public IReadOnlyList<RefusedCall> RefusedCalls { get; init; } = [];

    /// <summary>What its folder holds.</summary>
    public JobStorage Storage { get; init; } = JobStorage.None;
}

/// <summary>Metrics of one step, names as in the job's metrics file; <c>eval/…</c> keys stand on the steps that were validated (step 0: the base model).</summary>
public sealed record StepMetrics(int Step, IReadOnlyDictionary<string, double> Values);

/// <summary>Mean training reward of one step.</summary>
public readonly record struct RewardPoint(int Step, double Reward);

/// <summary>Tags to be given to a job and taken from it.</summary>
/// <param name="Set">Keys with their values; a key that is there already gets the value.</param>
/// <param name="Removed">Keys; those that are not there are no error.</param>
public sealed record TagChange(IReadOnlyDictionary<string, string> Set, IReadOnlyCollection<string> Removed)
{
    /// <summary>The tags afterwards.</summary>
    public Dictionary<string, string> Apply(IReadOnlyDictionary<string, string> tags)
    {
        Dictionary<string, string> changed = tags.Where(tag => !Removed.Contains(tag.Key)).ToDictionary();
        foreach ((string key, string value) in Set)
        {
            changed[key] = value;
        }

        return changed;
    }
}

/// <summary>Durable jobs: every call survives a restart.</summary>
public interface IJobs
{
    /// <summary>Newest first. All who ask at the same time share one reading; a job that did not change is the same object as the time before.</summary>
    Task<IReadOnlyList<JobSummary>> ListAsync(CancellationToken cancellationToken = default);

    Task<JobDetails?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Stores and queues a job; returns its id.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">The name is taken or the specification cannot be used.</exception>
    Task<string> CreateAsync(JobSpecification specification, CancellationToken cancellationToken = default);

    /// <summary>Ends a queued job, or a running one after its current step; what was learnt is kept.</summary>
    Task StopAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Takes a queued job out of the queue, or ends a running one after its current step with a checkpoint: resumed, it goes on as if it had never been paused.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">It neither waits nor runs.</exception>
    Task PauseAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Queues a stopped, paused or failed job again; it goes on from its last checkpoint.</summary>
    Task ResumeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Queues an ended job again with more steps to make.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">It cannot be made longer, or this does not make it longer.</exception>
    Task ProlongAsync(string id, JobExtension extension, CancellationToken cancellationToken = default);

    /// <summary>Moves a queued job within the queue.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">It does not wait any more.</exception>
    Task MoveAsync(string id, QueueMove move, CancellationToken cancellationToken = default);

    /// <summary>Deletes the checkpoints of an ended job that are neither its last nor its best one; returns the bytes that were freed.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">It runs.</exception>
    Task<long> FreeSpaceAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Changes the tags of a job, whatever its status. What it was created with stays in its specification, and with it the API's <c>metadata</c>.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">A tag cannot be used, or there would be too many.</exception>
    Task ChangeTagsAsync(string id, TagChange change, CancellationToken cancellationToken = default);

    /// <summary>Deletes a job that does not run, with its metrics, rollouts and files; its custom model stays.</summary>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Metrics of the steps after <paramref name="afterStep"/> (-1: all), in order.</summary>
    Task<IReadOnlyList<StepMetrics>> MetricsAsync(string id, int afterStep = -1, CancellationToken cancellationToken = default);

    /// <summary>The course of the training reward of each job by its id, in a few dozen points: enough for a line of a table.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>>> RewardCurvesAsync(IReadOnlyCollection<JobSummary> jobs, CancellationToken cancellationToken = default);

    Task<RolloutPage> RolloutsAsync(RolloutQuery query, CancellationToken cancellationToken = default);

    /// <summary>Time and memory that a job would take.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">The specification cannot be used; the message names the field.</exception>
    Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken = default);

    /// <summary>
    /// Calls <paramref name="changed"/> when the job (null: any job) has news, at most every 100 ms; dispose to end.
    /// The callback runs on a thread of the pool and re-reads what it needs.
    /// </summary>
    IDisposable Subscribe(string? jobId, Func<Task> changed);
}
