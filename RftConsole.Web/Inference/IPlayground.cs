using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;

namespace RftConsole.Web.Inference;

/// <summary>Something the playground can talk to.</summary>
/// <param name="Id"><c>base:starter</c>, <c>model:ID</c>, <c>deployment:ID</c>: part of the page's address.</param>
/// <param name="Title">What the list shows.</param>
/// <param name="Kind"><see cref="BaseKind"/>, <see cref="TunedKind"/>, <see cref="JobKind"/> or <see cref="DeploymentKind"/>.</param>
/// <param name="BaseModel">The base model behind it: the other side of a comparison.</param>
public sealed record PlaygroundTarget(string Id, string Title, string Kind, string BaseModel)
{
    public const string BaseKind = "Base model";

    /// <summary>A tuned model: its best checkpoint, or any other one.</summary>
    public const string TunedKind = "Tuned model";

    /// <summary>Checkpoints of a job that has made no model yet.</summary>
    public const string JobKind = "Job";

    public const string DeploymentKind = "Deployment";

    /// <summary>The name that the HTTP API knows it by; null where it knows none.</summary>
    public string? ApiName { get; init; }

    /// <summary>The custom model behind it; null for a base model, and of a job that has made none yet.</summary>
    public string? ModelId { get; init; }

    /// <summary>The step of its weights; null for a base model.</summary>
    public int? Step { get; init; }

    /// <summary>The job that made it, whose validation prompts suit it; null where there is none any more.</summary>
    public string? JobId { get; init; }

    /// <summary>What can be chosen in place of the best checkpoint, by step.</summary>
    public IReadOnlyList<PlaygroundCheckpoint> Checkpoints { get; init; } = [];
}

/// <summary>A checkpoint to talk to.</summary>
/// <param name="Id"><c>model:ID:STEP</c>.</param>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="IsBest">Whether it is the best by validation reward.</param>
/// <param name="ValidationReward">Its reward; null where it was not validated.</param>
/// <param name="ApiName">The name that the HTTP API knows it by.</param>
public sealed record PlaygroundCheckpoint(string Id, int Step, bool IsBest, double? ValidationReward, string ApiName);

/// <summary>Sampling settings of the playground; temperature 0 is greedy.</summary>
public sealed record PlaygroundSettings(double Temperature, int MaxTokens, double TopP, long Seed)
{
    /// <summary>OpenAI function tools of the prompt, or null.</summary>
    public JsonArray? Tools { get; init; }
}

/// <summary>Streams answers for the playground.</summary>
public interface IPlayground
{
    /// <summary>Base models, tuned models, jobs with checkpoints, then active deployments.</summary>
    Task<IReadOnlyList<PlaygroundTarget>> TargetsAsync(CancellationToken cancellationToken = default);

    /// <summary>An answer in pieces; their tokens have log-probabilities and the likeliest alternatives.</summary>
    /// <param name="targetId">A target's id, or a checkpoint's.</param>
    /// <param name="messages">The conversation; its last message is the user's.</param>
    /// <param name="settings">How to sample.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <exception cref="UserInputException">The target is gone or the conversation cannot be used.</exception>
    IAsyncEnumerable<ChatPiece> StreamAsync(string targetId, IReadOnlyList<ChatMessage> messages, PlaygroundSettings settings, CancellationToken cancellationToken);
}
