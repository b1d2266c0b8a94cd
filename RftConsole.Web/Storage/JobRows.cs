using RftConsole.Web.Jobs;

namespace RftConsole.Web.Storage;

/// <summary>A job.</summary>
internal sealed class JobRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string CustomModelName { get; set; }

    public required string BaseModel { get; set; }

    public required string RewardName { get; set; }

    public JobStatus Status { get; set; }

    /// <summary>The user wants the job to end; outlives the process, so that a job that was stopping still stops after a restart.</summary>
    public bool StopRequested { get; set; }

    /// <summary>The user wants the job to pause; outlives the process too.</summary>
    public bool PauseRequested { get; set; }

    /// <summary>The tuned model that training begins with; it may be gone, and the job has a copy of its adapter.</summary>
    public string? InitialModelId { get; set; }

    /// <summary>The queue's order: the smallest number runs next.</summary>
    public long QueueNumber { get; set; }

    public required string SpecificationJson { get; set; }

    public string? PlanJson { get; set; }

    public string? PhasesJson { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public int StepsDone { get; set; }

    public int TotalSteps { get; set; }

    public double? BaselineAccuracy { get; set; }

    public double? BestAccuracy { get; set; }

    public string? Message { get; set; }

    public string? ModelId { get; set; }

    /// <summary>The uploaded data set that the job's training data was copied from; it may be gone.</summary>
    public string? TrainingDataSetId { get; set; }

    /// <summary>Which version of it.</summary>
    public int? TrainingDataSetVersion { get; set; }

    /// <summary>The uploaded data set that the job's validation data was copied from; it may be gone.</summary>
    public string? ValidationDataSetId { get; set; }

    /// <summary>Which version of it.</summary>
    public int? ValidationDataSetVersion { get; set; }

    public required string TagsJson { get; set; }
}

/// <summary>The metrics of one step of one job.</summary>
internal sealed class JobMetricRow
{
    public required string JobId { get; set; }

    public int Step { get; set; }

    /// <summary>When the step was stored; null of steps from before this was kept.</summary>
    public DateTimeOffset? Time { get; set; }

    public required string ValuesJson { get; set; }
}

/// <summary>One graded completion.</summary>
internal sealed class RolloutRow
{
    public required string JobId { get; set; }

    public int Step { get; set; }

    public int PromptIndex { get; set; }

    public int SampleIndex { get; set; }

    public required string RecordId { get; set; }

    public required string Prompt { get; set; }

    public required string Completion { get; set; }

    public int TokenCount { get; set; }

    public required string FinishReason { get; set; }

    /// <summary>Null where a judge gave no verdict.</summary>
    public double? Reward { get; set; }

    public double Advantage { get; set; }

    public string? ReferenceAnswer { get; set; }

    public required string MetricsJson { get; set; }

    public string? RewardError { get; set; }

    public string? Unjudged { get; set; }

    public required string RewardOutput { get; set; }
}

/// <summary>Calls of a job to one place that its network isolation refused.</summary>
internal sealed class RefusedCallRow
{
    public required string JobId { get; set; }

    public required string Host { get; set; }

    public required string Caller { get; set; }

    public DateTimeOffset LastTime { get; set; }

    public int Count { get; set; }
}

/// <summary>The tokens of a graded completion, apart from it: lists of rollouts do without.</summary>
internal sealed class RolloutTokensRow
{
    public required string JobId { get; set; }

    public int Step { get; set; }

    public int PromptIndex { get; set; }

    public int SampleIndex { get; set; }

    /// <summary>Ids of the prompt as 32-bit integers in Base64; a group's first completion has them for all.</summary>
    public string? Prompt { get; set; }

    /// <summary>Ids of the completion as 32-bit integers in Base64.</summary>
    public required string Completion { get; set; }

    /// <summary>Natural logarithms as 32-bit numbers in Base64.</summary>
    public required string LogProbabilities { get; set; }
}

/// <summary>A line of a job's log.</summary>
internal sealed class JobLogRow
{
    public long Id { get; set; }

    public required string JobId { get; set; }

    public DateTimeOffset Time { get; set; }

    public required string Level { get; set; }

    public required string Message { get; set; }
}
