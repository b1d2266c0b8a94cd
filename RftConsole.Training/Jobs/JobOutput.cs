using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Network;
using RftConsole.Training.Storage;

namespace RftConsole.Training.Jobs;

/// <summary>Brings a job's artefacts to where its author wants them.</summary>
internal static class JobOutput
{
    /// <summary>Artefacts of the job's folder; those of single checkpoints stay in it.</summary>
    private static readonly string[] Names =
        ["job.json", "metrics.jsonl", "rollouts.jsonl", "step_wise_training_metrics.csv", "validation_metrics.csv", "adapter"];

    /// <summary>Sees that the place can be one, before anything is trained.</summary>
    /// <exception cref="UserInputException">Both or neither of its members are set, or one is no address.</exception>
    public static void Check(OutputData? output)
    {
        if (output is null)
        {
            return;
        }

        if ((output.Path is null) == (output.S3Uri is null))
        {
            throw new UserInputException("outputData: exactly one of path and s3Uri must be given");
        }

        if (output.S3Uri is { } uri)
        {
            S3Address.Parse(uri, "outputData.s3Uri");
        }
    }

    /// <summary>Copies the artefacts. What goes wrong is a warning: the job is done, and all of it is in its folder.</summary>
    public static async Task PublishAsync(OutputData? output, JobFolder folder, S3Connection? s3, OutboundPolicy network, Func<JobEvent, ValueTask> onEvent, CancellationToken cancellation)
    {
        if (output is null)
        {
            return;
        }

        try
        {
            string where = output.S3Uri is { } uri ? await UploadAsync(S3Address.Parse(uri, "outputData.s3Uri"), folder, s3, network, cancellation) : Copy(output.Path!, folder);
            await onEvent(new JobLog($"The artefacts are in {where}."));
        }
        catch (Exception e) when (e is UserInputException or IOException or UnauthorizedAccessException)
        {
            await onEvent(new JobWarning("output-data", $"The artefacts could not be brought to {output.S3Uri ?? output.Path}: {e.Message.ReplaceLineEndings(" ")}. They are in {folder.Path}."));
        }
    }

    private static async Task<string> UploadAsync(S3Address prefix, JobFolder folder, S3Connection? s3, OutboundPolicy network, CancellationToken cancellation)
    {
        using var store = new S3Store(s3 ?? S3Connection.FromEnvironment(Environment.GetEnvironmentVariable), network);
        foreach (var (name, path) in Files(folder))
        {
            await store.UploadAsync(path, prefix.Under(name), cancellation);
        }

        return prefix.ToString();
    }

    private static string Copy(string target, JobFolder folder)
    {
        foreach (var (name, path) in Files(folder))
        {
            string copy = Path.Combine(target, name);
            if (Path.GetFullPath(copy) != Path.GetFullPath(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                VaultFiles.Copy(path, copy);
            }
        }

        return target;
    }

    private static IEnumerable<(string Name, string Path)> Files(JobFolder folder) =>
        Names.Select(name => Path.Combine(folder.Path, name))
            .SelectMany(path => Directory.Exists(path) ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal) : File.Exists(path) ? new[] { path } : Enumerable.Empty<string>())
            .Select(file => (Path.GetRelativePath(folder.Path, file).Replace('\\', '/'), file));
}
