namespace RftConsole.Web.Inference;

/// <summary>A tuned model, kept independently of the job that made it.</summary>
/// <param name="Id">Part of its address.</param>
/// <param name="Name">Custom model name.</param>
/// <param name="BaseModel">The model it was tuned from.</param>
/// <param name="JobId">The job that made it; null once that job is deleted.</param>
/// <param name="JobName">That job's name.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="BestStep">The step whose weights the adapter holds.</param>
/// <param name="AdapterFolder">The PEFT folder.</param>
/// <param name="Baseline">The base model's validation metrics.</param>
/// <param name="Final">The tuned model's validation metrics.</param>
/// <param name="Checkpoints">All checkpoints that can be deployed, by step.</param>
/// <param name="Tags">Tags.</param>
public sealed record CustomModel(
    string Id,
    string Name,
    string BaseModel,
    string? JobId,
    string JobName,
    DateTimeOffset CreatedAt,
    int BestStep,
    string AdapterFolder,
    IReadOnlyDictionary<string, double>? Baseline,
    IReadOnlyDictionary<string, double>? Final,
    IReadOnlyList<ModelCheckpoint> Checkpoints,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>The key that it is encrypted with; null for none.</summary>
    public string? EncryptionKey { get; init; }
}

/// <summary>A checkpoint of a custom model: an adapter folder of one step.</summary>
public sealed record ModelCheckpoint(int Step, bool IsBest, string AdapterFolder, double? ValidationReward);

/// <summary>A deployment's status, as the original names it.</summary>
public enum DeploymentStatus
{
    Creating,
    Active,
    Failed,
}

/// <summary>A named, durable way to call one checkpoint of one custom model.</summary>
public sealed record Deployment(
    string Id,
    string Name,
    string Description,
    string ModelId,
    string ModelName,
    string BaseModel,
    int Step,
    DeploymentStatus Status,
    string? Message,
    DateTimeOffset CreatedAt,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Whether its calls are logged.</summary>
    public bool InvocationLogging { get; init; }

    /// <summary>Where its calls are logged.</summary>
    public string LogFolder { get; init; } = "";
}

/// <summary>What a deployment is made from.</summary>
/// <param name="ModelId">The custom model.</param>
/// <param name="Name">Deployment name, unique.</param>
/// <param name="Description">Free text.</param>
/// <param name="Step">The checkpoint; null is the best one.</param>
/// <param name="Tags">Tags.</param>
public sealed record DeploymentRequest(string ModelId, string Name, string Description, int? Step, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Whether its calls are logged.</summary>
    public bool InvocationLogging { get; init; }
}

/// <summary>Tuned models.</summary>
public interface ICustomModels
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<CustomModel>> ListAsync(CancellationToken cancellationToken = default);

    Task<CustomModel?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Deletes a model that no deployment uses.</summary>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);

    IDisposable Subscribe(Func<Task> changed);
}

/// <summary>Deployments.</summary>
public interface IDeployments
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<Deployment>> ListAsync(CancellationToken cancellationToken = default);

    Task<Deployment?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Stores the deployment (Creating), loads it in the background (Active or Failed); returns its id.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">The name is taken or unusable, or the model is gone.</exception>
    Task<string> DeployAsync(DeploymentRequest request, CancellationToken cancellationToken = default);

    /// <summary>Changes a deployment without a break: another model answers once it has proved that it can, and answers that are under way end as they began.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">The deployment or the model is gone, or the new model does not answer; the old one then goes on.</exception>
    Task UpdateAsync(string id, DeploymentUpdate update, CancellationToken cancellationToken = default);

    Task DeleteAsync(string id, CancellationToken cancellationToken = default);

    IDisposable Subscribe(Func<Task> changed);
}
