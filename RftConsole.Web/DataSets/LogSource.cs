namespace RftConsole.Web.DataSets;

/// <summary>Where invocation logs are taken from: a place, or deployments of this console.</summary>
public sealed record LogSource
{
    private LogSource(string? path, IReadOnlyList<string> deploymentIds) => (Path, DeploymentIds) = (path, deploymentIds);

    /// <summary>A file or folder of this machine, or an object or prefix of S3; null where deployments are meant.</summary>
    public string? Path { get; }

    /// <summary>The deployments whose logged calls are taken.</summary>
    public IReadOnlyList<string> DeploymentIds { get; }

    /// <summary>What the audit log calls it.</summary>
    public string Name => Path ?? string.Join(", ", DeploymentIds);

    /// <summary>A file or folder of this machine, or an object or prefix of S3.</summary>
    public static LogSource At(string path) => new(path, []);

    /// <summary>The calls that deployments of this console have logged.</summary>
    public static LogSource Of(IReadOnlyList<string> deploymentIds) => new(null, deploymentIds);
}

/// <summary>The logged calls of a deployment of this console.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="DeploymentName">Its name.</param>
/// <param name="IsOn">Whether its calls are logged now.</param>
/// <param name="Days">Days with calls, in UTC, the first one first.</param>
/// <param name="Bytes">Size of the log.</param>
public sealed record DeploymentLog(string DeploymentId, string DeploymentName, bool IsOn, IReadOnlyList<DateOnly> Days, long Bytes);
