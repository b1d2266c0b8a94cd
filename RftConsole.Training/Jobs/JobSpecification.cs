using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Training.Network;

namespace RftConsole.Training.Jobs;

/// <summary>A job as its author wrote it: the same record is the wizard's result, the stored row and job.json.</summary>
public sealed record JobSpecification
{
    public required string Name { get; init; }

    public string? CustomModelName { get; init; }

    public string Description { get; init; } = "";

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>A registered name, or the path of a Hugging Face model folder.</summary>
    public required string BaseModel { get; init; }

    /// <summary>
    /// The folder of an adapter in PEFT form that training goes on from, such as an earlier job's <c>adapter/</c>; null begins with one that changes nothing.
    /// Rank, alpha and target layers are the adapter's. The result fits the same base model.
    /// </summary>
    public string? InitialAdapter { get; init; }

    public required TrainingDataSource TrainingData { get; init; }

    /// <summary>Null: a tenth of the training rows is held out.</summary>
    public ValidationDataSource? ValidationData { get; init; }

    public required RewardFunctionSpecification RewardFunction { get; init; }

    public Hyperparameters Hyperparameters { get; init; } = new();

    /// <summary>Where copies of the artefacts go; null leaves them in the job's folder alone.</summary>
    public OutputData? OutputData { get; init; }

    /// <summary>What the job may call; null for mode off.</summary>
    public NetworkIsolation? NetworkIsolation { get; init; }

    /// <summary>What the job's folder is encrypted with; null leaves it as it is.</summary>
    public JobEncryption? Encryption { get; init; }
}

/// <summary>What a job's folder is encrypted with.</summary>
public sealed record JobEncryption
{
    /// <summary>The name of a key of the console.</summary>
    public required string Key { get; init; }
}

/// <summary>Where copies of the artefacts go: exactly one member is set.</summary>
public sealed record OutputData
{
    /// <summary>A folder.</summary>
    public string? Path { get; init; }

    /// <summary>A prefix such as <c>s3://bucket/results/</c>.</summary>
    public string? S3Uri { get; init; }
}

/// <summary>Where the prompts come from: exactly one member is set.</summary>
public sealed record TrainingDataSource
{
    /// <summary>A JSONL file.</summary>
    public string? File { get; init; }

    /// <summary>The name of a sample data set, such as <c>arithmetic</c>.</summary>
    public string? SampleData { get; init; }

    /// <summary>An object of S3, or a prefix such as <c>s3://bucket/folder/</c>; it is downloaded when the job first runs.</summary>
    public string? S3Uri { get; init; }

    /// <summary>Model invocation logs, which are converted when the job first runs.</summary>
    public InvocationLogSource? InvocationLogs { get; init; }
}

/// <summary>Model invocation logs as training data.</summary>
public sealed record InvocationLogSource
{
    /// <summary>A file, or a folder with its folders, or the same at an <c>s3://</c> address; plain or gzip.</summary>
    public required string Path { get; init; }

    /// <summary>The logged reply becomes the <c>reference_answer</c>; otherwise prompts alone are taken.</summary>
    public bool UsePromptResponse { get; init; }

    /// <summary>Which calls are taken; null for all.</summary>
    public MetadataFilter? RequestMetadataFilters { get; init; }
}

/// <summary>Where validation prompts come from: exactly one member is set.</summary>
public sealed record ValidationDataSource
{
    public string? File { get; init; }

    /// <summary>The share of the training rows that is held out, above 0 and below 1.</summary>
    public double? Share { get; init; }
}
