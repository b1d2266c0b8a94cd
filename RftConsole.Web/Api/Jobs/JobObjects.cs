using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RftConsole.Web.Api.Jobs;

/// <summary>What a call that makes a job may hold; further keys are tolerated.</summary>
public sealed record CreateJobBody
{
    /// <summary>A base model, or a tuned model to go on from.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>The id of an uploaded file.</summary>
    [JsonPropertyName("training_file")]
    public required string TrainingFile { get; init; }

    [JsonPropertyName("validation_file")]
    public string? ValidationFile { get; init; }

    /// <summary>A part of the names of job and model.</summary>
    [JsonPropertyName("suffix")]
    public string? Suffix { get; init; }

    [JsonPropertyName("seed")]
    public long? Seed { get; init; }

    /// <summary>Kept as the job's tags.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    [JsonPropertyName("method")]
    public required MethodBody Method { get; init; }
}

/// <summary>How the model is tuned.</summary>
/// <param name="Type">Always <c>reinforcement</c>.</param>
/// <param name="Reinforcement">Grader and hyperparameters.</param>
public sealed record MethodBody([property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("reinforcement")] ReinforcementBody Reinforcement);

/// <summary>Grader and hyperparameters.</summary>
/// <param name="Grader">Of type <c>lambda</c>, <c>string_check</c>, <c>text_similarity</c>, <c>score_model</c>, <c>python</c> or <c>multi</c>.</param>
/// <param name="Hyperparameters">Each may be <c>auto</c>; the names of job.json are taken too.</param>
public sealed record ReinforcementBody([property: JsonPropertyName("grader")] JsonElement Grader, [property: JsonPropertyName("hyperparameters")] HyperparametersBody? Hyperparameters);

/// <summary>Hyperparameters; each may be <c>auto</c>.</summary>
public sealed record HyperparametersBody
{
    [JsonPropertyName("n_epochs")]
    public JsonElement? Epochs { get; init; }

    [JsonPropertyName("batch_size")]
    public JsonElement? BatchSize { get; init; }

    /// <summary>Times the learning rate that fits the model.</summary>
    [JsonPropertyName("learning_rate_multiplier")]
    public JsonElement? LearningRateMultiplier { get; init; }

    [JsonPropertyName("eval_interval")]
    public JsonElement? EvalInterval { get; init; }

    /// <summary>Accepted; validation takes one greedy answer a prompt.</summary>
    [JsonPropertyName("eval_samples")]
    public JsonElement? EvalSamples { get; init; }

    /// <summary>Times 8 answers a prompt.</summary>
    [JsonPropertyName("compute_multiplier")]
    public JsonElement? ComputeMultiplier { get; init; }

    [JsonPropertyName("reasoning_effort")]
    public JsonElement? ReasoningEffort { get; init; }
}

/// <summary>A job.</summary>
public sealed record JobObject(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("finished_at")] long? FinishedAt,
    [property: JsonPropertyName("estimated_finish")] long? EstimatedFinish,
    [property: JsonPropertyName("fine_tuned_model")] string? FineTunedModel,
    [property: JsonPropertyName("organization_id")] string OrganizationId,
    [property: JsonPropertyName("result_files")] IReadOnlyList<string> ResultFiles,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("training_file")] string? TrainingFile,
    [property: JsonPropertyName("validation_file")] string? ValidationFile,
    [property: JsonPropertyName("trained_tokens")] long? TrainedTokens,
    [property: JsonPropertyName("hyperparameters")] JsonObject Hyperparameters,
    [property: JsonPropertyName("method")] JsonNode Method,
    [property: JsonPropertyName("seed")] long Seed,
    [property: JsonPropertyName("user_provided_suffix")] string? Suffix,
    [property: JsonPropertyName("integrations")] IReadOnlyList<string> Integrations,
    [property: JsonPropertyName("metadata")] IReadOnlyDictionary<string, string> Metadata,
    [property: JsonPropertyName("error")] JobError? Error);

/// <summary>Why a job failed or waits.</summary>
public sealed record JobError(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("param")] string? Param);

/// <summary>Something that happened to a job.</summary>
public sealed record JobEventObject(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("level")] string Level,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("data")] JsonObject? Data);

/// <summary>A checkpoint of a job, callable by its name.</summary>
public sealed record CheckpointObject(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("fine_tuned_model_checkpoint")] string FineTunedModelCheckpoint,
    [property: JsonPropertyName("fine_tuning_job_id")] string FineTuningJobId,
    [property: JsonPropertyName("step_number")] int StepNumber,
    [property: JsonPropertyName("metrics")] JsonObject Metrics);
