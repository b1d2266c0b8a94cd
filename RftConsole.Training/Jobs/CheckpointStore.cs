using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RftConsole.Training.Jobs;

/// <summary>A checkpoint that was found whole.</summary>
public sealed record ResumePoint(string Folder, JobProgress Progress);

/// <summary>
/// The checkpoints of a job. Each is staged in a folder of its own, its files are hashed, the manifest is written last, all is flushed, and one rename
/// makes it visible: after a kill at any instant there is either the whole checkpoint or none.
/// </summary>
public sealed class CheckpointStore(JobFolder folder, string identity)
{
    private const string ManifestFile = "manifest.json";
    private const string ProgressFile = "progress.json";

    /// <summary>Writes the checkpoint of <paramref name="progress"/>'s step.</summary>
    /// <param name="progress">What to resume with.</param>
    /// <param name="writeTensors">Writes weights and moments into the folder it gets, flushed.</param>
    /// <returns>The folder, relative to the job's.</returns>
    public async Task<string> WriteAsync(JobProgress progress, Func<string, Task> writeTensors)
    {
        string name = JobFolder.CheckpointName(progress.Step);
        string target = Path.Combine(folder.Path, name);
        string staged = Path.Combine(folder.Checkpoints, $".staged-{progress.Step}");
        DeleteFolder(staged);
        Directory.CreateDirectory(staged);
        await writeTensors(staged);
        DurableFiles.WriteAllBytes(Path.Combine(staged, ProgressFile), JsonSerializer.SerializeToUtf8Bytes(progress, JobSpecificationFile.Options));
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(staged))
        {
            DurableFiles.Flush(path);
            files[Path.GetFileName(path)] = Hash(path);
        }

        var manifest = new Manifest { Identity = identity, Files = files, Digest = Digest(identity, files) };
        DurableFiles.WriteAllBytes(Path.Combine(staged, ManifestFile), JsonSerializer.SerializeToUtf8Bytes(manifest, JobSpecificationFile.Options));
        DurableFiles.FlushFolder(staged);

        // One that was written before a resume from an earlier one: it had to be damaged to be passed over.
        DeleteFolder(target);
        Directory.Move(staged, target);
        DurableFiles.FlushFolder(folder.Checkpoints);
        return name;
    }

    /// <summary>The newest checkpoint that is whole, or null; damaged ones are reported and passed over.</summary>
    /// <exception cref="UserInputException">The newest whole one belongs to another job, model, data, reward or number of threads.</exception>
    public ResumePoint? FindLast(Action<string> damaged)
    {
        if (!Directory.Exists(folder.Checkpoints))
        {
            return null;
        }

        foreach (var (path, step) in Directory.EnumerateDirectories(folder.Checkpoints, "step-*")
            .Select(x => (x, Step: int.TryParse(Path.GetFileName(x).AsSpan(5), out int n) ? n : -1))
            .Where(x => x.Step >= 0)
            .OrderByDescending(x => x.Step))
        {
            try
            {
                return Read(path);
            }
            catch (Exception e) when (e is IOException or JsonException or InvalidDataException)
            {
                damaged($"The checkpoint of step {step} is damaged ({e.Message}); going on from the one before it.");
            }
        }

        return null;
    }

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private ResumePoint Read(string path)
    {
        var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(Path.Combine(path, ManifestFile)), JobSpecificationFile.Options)
            ?? throw new InvalidDataException("the manifest is empty");
        if (Digest(manifest.Identity, manifest.Files) != manifest.Digest)
        {
            throw new InvalidDataException($"{ManifestFile} is not what was written");
        }

        foreach (var (name, hash) in manifest.Files)
        {
            if (Hash(Path.Combine(path, name)) != hash)
            {
                throw new InvalidDataException($"{name} is not what the manifest says");
            }
        }

        if (manifest.Identity != identity)
        {
            throw new UserInputException($"{path}: was made by another model, data set, reward function, hyperparameters or number of threads; choose another output folder, or restore what has changed");
        }

        var progress = JsonSerializer.Deserialize<JobProgress>(File.ReadAllBytes(Path.Combine(path, ProgressFile)), JobSpecificationFile.Options)
            ?? throw new InvalidDataException("the progress is empty");
        return new(path, progress);
    }

    private static string Digest(string identity, SortedDictionary<string, string> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(x => $"{x.Key} {x.Value}").Prepend(identity)))));

    private sealed record Manifest
    {
        public required string Identity { get; init; }

        public required SortedDictionary<string, string> Files { get; init; }

        /// <summary>Of the two above: a manifest that is damaged itself is not taken for another job's.</summary>
        public required string Digest { get; init; }
    }
}
