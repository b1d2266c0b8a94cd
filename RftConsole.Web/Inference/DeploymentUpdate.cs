namespace RftConsole.Web.Inference;

/// <summary>What is changed of a deployment; null leaves it as it is.</summary>
public sealed record DeploymentUpdate
{
    /// <summary>Another custom model. Its best checkpoint answers, unless <see cref="Step"/> names another.</summary>
    public string? ModelId { get; init; }

    /// <summary>Another checkpoint.</summary>
    public int? Step { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public bool? InvocationLogging { get; init; }
}
