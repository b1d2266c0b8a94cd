using RftConsole.Web.Inference;

namespace RftConsole.Web.Storage;

/// <summary>A tuned model.</summary>
internal sealed class CustomModelRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string BaseModel { get; set; }

    public string? JobId { get; set; }

    public required string JobName { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public int BestStep { get; set; }

    public string? BaselineJson { get; set; }

    public string? FinalJson { get; set; }

    public required string CheckpointsJson { get; set; }

    public required string TagsJson { get; set; }
}

/// <summary>A checkpoint as <see cref="CustomModelRow.CheckpointsJson"/> keeps it; its folder follows from model and step.</summary>
internal sealed record KeptCheckpoint(int Step, bool IsBest, double? ValidationReward);

/// <summary>A deployment.</summary>
internal sealed class DeploymentRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string Description { get; set; }

    public required string ModelId { get; set; }

    public CustomModelRow? Model { get; set; }

    public int Step { get; set; }

    public DeploymentStatus Status { get; set; }

    public string? Message { get; set; }

    /// <summary>Whether its calls are logged, to train the next model with.</summary>
    public bool InvocationLogging { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string TagsJson { get; set; }
}
