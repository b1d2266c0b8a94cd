using RftConsole.Training.Hub;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Web.Catalogue;

/// <summary>Where a registered model stands.</summary>
public enum BaseModelStatus
{
    Downloading,
    Paused,
    Failed,
    Ready,
}

/// <summary>A download that runs.</summary>
/// <param name="Done">Bytes that are there.</param>
/// <param name="Total">All bytes; 0 while it is not known.</param>
/// <param name="BytesPerSecond">Of the last seconds; null before there is a measure.</param>
/// <param name="TimeLeft">At that speed.</param>
public sealed record DownloadProgress(long Done, long Total, double? BytesPerSecond, TimeSpan? TimeLeft);

/// <summary>A model of the catalogue.</summary>
/// <param name="Id">Its id; the embedded model's is its name.</param>
/// <param name="Name">The name in job files.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="Description">What it is good for; null where nobody said.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Status">Whether it can be used.</param>
/// <param name="Message">Why it cannot.</param>
/// <param name="Config">Its shape; null until it is there.</param>
/// <param name="Licence">Its licence; null where it is not known.</param>
/// <param name="Bytes">Size of its files.</param>
/// <param name="Embedded">It comes with the console and cannot be removed.</param>
/// <param name="Progress">Of a download that runs.</param>
public sealed record CatalogueModel(
    string Id,
    string Name,
    string Title,
    string? Description,
    string Source,
    BaseModelStatus Status,
    string? Message,
    DecoderConfig? Config,
    string? Licence,
    long Bytes,
    bool Embedded,
    DownloadProgress? Progress)
{
    /// <summary>Its architecture as people name it.</summary>
    public string? Family => Config?.ModelType switch { "llama" => "Llama", "qwen2" => "Qwen2", "qwen3" => "Qwen3", var other => other };
}

/// <summary>What would stop working without a model.</summary>
/// <param name="ActiveJobs">Jobs that run or may run again.</param>
/// <param name="Jobs">All jobs.</param>
/// <param name="Models">Tuned models, which are adapters of it.</param>
/// <param name="Deployments">Deployments of these.</param>
public sealed record BaseModelUsers(IReadOnlyList<string> ActiveJobs, IReadOnlyList<string> Jobs, IReadOnlyList<string> Models, IReadOnlyList<string> Deployments);

/// <summary>The base models that jobs and the playground can use.</summary>
public interface IBaseModels
{
    /// <summary>The embedded model, then the others, newest first.</summary>
    Task<IReadOnlyList<CatalogueModel>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Registers a Hugging Face folder or GGUF file of this machine where it lies; returns its name.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">It cannot be used, or the name is taken.</exception>
    Task<string> AddPathAsync(string path, string? name, CancellationToken cancellationToken = default);

    /// <summary>Starts the download of a model; returns its name.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">The reference is none, or the name is taken.</exception>
    Task<string> DownloadAsync(HubReference reference, string? name, CancellationToken cancellationToken = default);

    /// <summary>Interrupts a download; what has arrived is kept.</summary>
    Task PauseAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a paused or failed download.</summary>
    Task ResumeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>What depends on a model.</summary>
    Task<BaseModelUsers> UsersAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Takes a model out of the catalogue, or cancels its download; downloaded files are deleted, files of a path stay.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">Tuned models or jobs still need it.</exception>
    Task RemoveAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Time and memory of a job with default settings on a model of this shape.</summary>
    Task<JobEstimate> CostAsync(DecoderConfig config, CancellationToken cancellationToken = default);

    IDisposable Subscribe(Func<Task> changed);
}
