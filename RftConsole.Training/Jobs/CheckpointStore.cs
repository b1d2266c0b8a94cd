using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Jobs;

/// <summary>A checkpoint that was found whole.</summary>
public sealed record ResumePoint(string Folder, JobProgress Progress);

/// <summary>
/// The checkpoints of a job. Each is staged in a folder of its own, its files are hashed, the manifest is written last, all is flushed, and one rename
/// makes it visible: after a kill at any instant there is either the whole checkpoint or none.
/// </summary>
public sealed class CheckpointStore(JobFolder folder, JobIdentity identity, int keep)
{
    private const string ManifestFile = "manifest.json";

    /// <summary>Writes the checkpoint of <paramref name="progress"/>'s step, then deletes those that need not be kept.</summary>
    /// <param name="progress">What to resume with.</param>
    /// <param name="writeTensors">Writes weights and moments into the folder it gets, flushed.</param>
    /// <returns>The folder, relative to the job's.</returns>
    public async Task<string> WriteAsync(JobProgress progress, Func<string, Task> writeTensors)
    {
        string name = JobFolder.CheckpointName(progress.Step);
        string target = Path.Combine(folder.Path, name);
        string staged = Path.Combine(folder.Checkpoints, FormattableString.Invariant($"{StoredCheckpoints.StagedPrefix}{progress.Step}"));
        DeleteFolder(staged);
        try
        {
            await StageAsync(staged, progress, writeTensors);

            // One that was written before a resume from an earlier one: it had to be damaged to be passed over.
            DeleteFolder(target);
            Directory.Move(staged, target);
        }
        catch
        {
            // On a full disk, what is half written must not take the room that the next attempt needs.
            TryDeleteFolder(staged);
            throw;
        }

        DurableFiles.FlushFolder(folder.Checkpoints);
        StoredCheckpoints.Prune(folder, keep, progress.Step);
        return name;
    }

    /// <summary>
    /// The newest checkpoint that is whole, or null. It is whole only together with the best one that it knows of, which the adapter is made of.
    /// Damaged ones are reported and passed over.
    /// </summary>
    /// <exception cref="UserInputException">The newest whole one belongs to another job, model, data, reward or number of threads.</exception>
    public ResumePoint? FindLast(Action<string> damaged)
    {
        StoredCheckpoints.DeleteLeftovers(folder);
        var problems = new List<string>();
        ResumePoint? found = null;
        foreach (int step in StoredCheckpoints.Steps(folder))
        {
            string path = Path.Combine(folder.Path, JobFolder.CheckpointName(step));
            try
            {
                var (progress, parts) = Read(path);
                if (identity.Difference(parts) is { } difference)
                {
                    throw new UserInputException($"{path}: was made with {difference}; choose another output folder, or restore what has changed");
                }

                RequireBest(progress);
                found = new(path, progress);
                break;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
            {
                problems.Add($"The checkpoint of step {step} is damaged ({e.Message})");
            }
        }

        foreach (string problem in problems)
        {
            damaged(found is null ? $"{problem}; no other one is whole, so the job begins anew." : $"{problem}; going on from that of step {found.Progress.Step}.");
        }

        return found;
    }

    /// <summary>The folder of a checkpoint, after a look at whether it still is what was written.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public string Verify(int step)
    {
        string path = Path.Combine(folder.Path, JobFolder.CheckpointName(step));
        try
        {
            Read(path);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            throw new InvalidDataException($"The checkpoint of step {step} is damaged ({e.Message})", e);
        }
    }

    private static (JobProgress Progress, SortedDictionary<string, string> Identity) Read(string path)
    {
        var manifest = JsonSerializer.Deserialize<Manifest>(VaultFiles.ReadAllBytes(Path.Combine(path, ManifestFile)), JobSpecificationFile.Options)
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

        return (StoredCheckpoints.ReadProgress(path), manifest.Identity);
    }

    private static string Hash(string path)
    {
        using var stream = VaultFiles.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Digest(SortedDictionary<string, string> identity, SortedDictionary<string, string> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', identity.Concat(files).Select(x => $"{x.Key} {x.Value}")))));

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static void TryDeleteFolder(string path)
    {
        try
        {
            DeleteFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that led here says more.
        }
    }

    private async Task StageAsync(string staged, JobProgress progress, Func<string, Task> writeTensors)
    {
        Directory.CreateDirectory(staged);
        await writeTensors(staged);
        DurableFiles.WriteAllBytes(Path.Combine(staged, StoredCheckpoints.ProgressFile), JsonSerializer.SerializeToUtf8Bytes(progress, JobSpecificationFile.Options));
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(staged))
        {
            DurableFiles.Flush(path);
            files[Path.GetFileName(path)] = Hash(path);
        }

        var parts = new SortedDictionary<string, string>(identity.Parts.ToDictionary(), StringComparer.Ordinal);
        var manifest = new Manifest { Identity = parts, Files = files, Digest = Digest(parts, files) };
        DurableFiles.WriteAllBytes(Path.Combine(staged, ManifestFile), JsonSerializer.SerializeToUtf8Bytes(manifest, JobSpecificationFile.Options));
        DurableFiles.FlushFolder(staged);
    }

    /// <exception cref="InvalidDataException">The best checkpoint so far, which will be the adapter unless a better one comes, is gone or damaged.</exception>
    private void RequireBest(JobProgress progress)
    {
        if (progress.BestStep is { } best && best != progress.Step)
        {
            try
            {
                Read(Path.Combine(folder.Path, JobFolder.CheckpointName(best)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
            {
                throw new InvalidDataException($"the best one so far, of step {best}, is damaged: {e.Message}", e);
            }
        }
    }

    private sealed record Manifest
    {
        public required SortedDictionary<string, string> Identity { get; init; }

        public required SortedDictionary<string, string> Files { get; init; }

        /// <summary>Of the two above: a manifest that is damaged itself is not taken for another job's.</summary>
        public required string Digest { get; init; }
    }
}
