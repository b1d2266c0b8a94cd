using System.Globalization;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>
/// Copies what a job learnt out of the job's folder, so that the model outlives the job. A model has the id of its job: doing it again after a crash
/// gives the same model. <c>adapter</c> is the best step's; <c>checkpoints/step-N</c> never changes once it is there, and is what deployments load.
/// </summary>
internal sealed class ModelArchive(DataFolder folder, EncryptionKeys keys, TimeProvider time)
{
    private const string WeightsFile = "adapter_model.safetensors";
    private const string StepPrefix = "step-";

    public string AdapterFolder(string modelId) => Path.Combine(folder.ModelFolder(modelId), "adapter");

    /// <summary>The key that a model is encrypted with; null for none.</summary>
    public string? EncryptionKey(string modelId) => WrappedKey.Read(folder.ModelFolder(modelId))?.Key;

    public string CheckpointFolder(string modelId, int step) =>
        Path.Combine(folder.ModelFolder(modelId), "checkpoints", StepPrefix + step.ToString(CultureInfo.InvariantCulture));

    /// <summary>Copies the files and adds or updates the model's row and the job's link to it; the caller saves.</summary>
    public async Task KeepAsync(ConsoleDbContext context, JobRow job, string jobFolder, JobFinished finished)
    {
        string adapter = finished.AdapterPath ?? throw new ArgumentException("The job wrote no adapter.", nameof(finished));
        int bestStep = finished.BestStep ?? finished.Steps;
        string modelId = job.Id;
        if (await SealedFolders.OpenAsync(jobFolder, CancellationToken.None) is { } open && !VaultFiles.IsEncrypted(Path.Combine(folder.ModelFolder(modelId), WeightsFile)))
        {
            await SealedFolders.CreateAsync(folder.ModelFolder(modelId), keys.Store, open.Wrapped.Key, CancellationToken.None);
        }

        foreach ((int step, string source) in Checkpoints(jobFolder))
        {
            CopyOnce(source, CheckpointFolder(modelId, step));
        }

        CopyOnce(adapter, CheckpointFolder(modelId, bestStep));
        Replace(adapter, AdapterFolder(modelId));

        CustomModelRow? model = await context.Models.FindAsync(modelId);
        if (model is null)
        {
            model = new()
            {
                Id = modelId,
                Name = job.CustomModelName,
                BaseModel = job.BaseModel,
                JobId = job.Id,
                JobName = job.Name,
                CreatedAt = time.GetUtcNow(),
                CheckpointsJson = "[]",
                TagsJson = job.TagsJson,
            };
            context.Models.Add(model);
        }

        Dictionary<int, double> rewards = await ValidationRewardsAsync(context, job.Id);
        model.BestStep = bestStep;
        model.BaselineJson = finished.Baseline is null ? null : StoredJson.Write(finished.Baseline);
        model.FinalJson = finished.Final is null ? null : StoredJson.Write(finished.Final);
        model.CheckpointsJson = StoredJson.Write(Checkpoints(folder.ModelFolder(modelId))
            .Select(checkpoint => checkpoint.Step)
            .Order()
            .Select(step => new KeptCheckpoint(step, step == bestStep, rewards.TryGetValue(step, out double reward) ? reward : null)));
        job.ModelId = modelId;
    }

    public void Delete(string modelId)
    {
        string path = folder.ModelFolder(modelId);
        SealedFolders.Destroy(path);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task<Dictionary<int, double>> ValidationRewardsAsync(ConsoleDbContext context, string jobId)
    {
        List<JobMetricRow> rows = await context.Metrics.AsNoTracking().Where(row => row.JobId == jobId).ToListAsync();
        return rows.Select(JobMapping.ToMetrics)
            .Where(step => step.Values.ContainsKey(JobRecorder.RewardKey))
            .ToDictionary(step => step.Step, step => step.Values[JobRecorder.RewardKey]);
    }

    private static IEnumerable<(int Step, string Folder)> Checkpoints(string root)
    {
        string parent = Path.Combine(root, "checkpoints");
        if (!Directory.Exists(parent))
        {
            yield break;
        }

        foreach (string path in Directory.EnumerateDirectories(parent, StepPrefix + "*"))
        {
            if (int.TryParse(Path.GetFileName(path)[StepPrefix.Length..], CultureInfo.InvariantCulture, out int step) && File.Exists(Path.Combine(path, WeightsFile)))
            {
                yield return (step, path);
            }
        }
    }

    private static void CopyOnce(string source, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(Staged(source, target), target);
        }
    }

    private static void Replace(string source, string target)
    {
        string staged = Staged(source, target);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.Move(staged, target);
    }

    /// <summary>A complete copy beside the target: a folder with a checkpoint's name is never half a checkpoint.</summary>
    private static string Staged(string source, string target)
    {
        string staged = target + ".partial";
        if (Directory.Exists(staged))
        {
            Directory.Delete(staged, recursive: true);
        }

        Directory.CreateDirectory(staged);
        foreach (string name in AdapterFiles)
        {
            string file = Path.Combine(source, name);
            if (File.Exists(file))
            {
                VaultFiles.Copy(file, Path.Combine(staged, name));
            }
        }

        return staged;
    }

    /// <summary>What an adapter in PEFT form consists of; a checkpoint's optimiser state is of no use to a model.</summary>
    internal static IReadOnlyList<string> AdapterFiles { get; } = ["adapter_config.json", WeightsFile, "README.md"];
}
