using System.Globalization;
using System.Text.Json;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Jobs;

/// <summary>A checkpoint as it lies on the disk.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Bytes">Size of its files.</param>
public sealed record StoredCheckpoint(int Step, long Bytes);

/// <summary>Which checkpoints a job's folder holds, and which of them need not be kept.</summary>
public static class StoredCheckpoints
{
    internal const string ProgressFile = "progress.json";

    // Hidden, so that nothing takes them for checkpoints: one that is not whole yet, one that is no more.
    internal const string StagedPrefix = ".staged-";
    private const string PrunedPrefix = ".pruned-";

    private const string StepPrefix = "step-";

    /// <summary>Steps that have a checkpoint, newest first.</summary>
    public static IReadOnlyList<int> Steps(JobFolder folder) => !Directory.Exists(folder.Checkpoints) ? [] :
    [
        .. Directory.EnumerateDirectories(folder.Checkpoints, StepPrefix + "*")
            .Select(x => int.TryParse(Path.GetFileName(x).AsSpan(StepPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : -1)
            .Where(x => x >= 0)
            .OrderDescending(),
    ];

    /// <summary>The checkpoints with their sizes, newest first.</summary>
    public static IReadOnlyList<StoredCheckpoint> List(JobFolder folder) => [.. Steps(folder).Select(x => new StoredCheckpoint(x, Bytes(Of(folder, x))))];

    /// <summary>Those that the newest <paramref name="keep"/> need not, newest first: the best that each of these knows of is kept too.</summary>
    /// <param name="folder">The job's folder.</param>
    /// <param name="keep">At least 1.</param>
    /// <param name="upTo">Newer ones are damaged ones that a resume passed over; their steps will come again.</param>
    public static IReadOnlyList<int> Spare(JobFolder folder, int keep, int upTo = int.MaxValue)
    {
        int[] steps = [.. Steps(folder).Where(x => x <= upTo)];
        HashSet<int> kept = [.. steps.Take(keep), .. steps.Take(keep).Select(x => BestOf(folder, x)).OfType<int>()];
        return [.. steps.Where(x => !kept.Contains(x))];
    }

    /// <summary>Deletes the <see cref="Spare"/> ones. Nothing else may train in the folder.</summary>
    public static void Prune(JobFolder folder, int keep, int upTo = int.MaxValue)
    {
        foreach (int step in Spare(folder, keep, upTo))
        {
            // Renamed first: a kill leaves no folder that looks like a checkpoint and is half of one.
            string pruned = Path.Combine(folder.Checkpoints, FormattableString.Invariant($"{PrunedPrefix}{step}"));
            Directory.Move(Of(folder, step), pruned);
            Directory.Delete(pruned, recursive: true);
        }
    }

    /// <summary>The best step that a checkpoint knows of; null where none was validated, or it cannot be read.</summary>
    public static int? BestOf(JobFolder folder, int step)
    {
        try
        {
            return ReadProgress(Of(folder, step)).BestStep;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Deletes what a resume does not need: all but the last checkpoint and the best, and what a kill left behind.</summary>
    /// <exception cref="UserInputException">A run works in the folder.</exception>
    public static void Free(JobFolder folder)
    {
        if (Directory.Exists(folder.Checkpoints))
        {
            using var held = JobFolderLock.Take(folder);
            DeleteLeftovers(folder);
            Prune(folder, 1);
        }
    }

    /// <summary>Deletes what a kill left half written or half deleted.</summary>
    public static void DeleteLeftovers(JobFolder folder)
    {
        if (!Directory.Exists(folder.Checkpoints))
        {
            return;
        }

        foreach (string path in Directory.GetDirectories(folder.Checkpoints)
            .Where(x => Path.GetFileName(x) is var name && (name.StartsWith(StagedPrefix, StringComparison.Ordinal) || name.StartsWith(PrunedPrefix, StringComparison.Ordinal))))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>What a checkpoint resumes with.</summary>
    /// <exception cref="InvalidDataException">It is empty; a damaged one throws what the reader of its format throws.</exception>
    internal static JobProgress ReadProgress(string path) =>
        JsonSerializer.Deserialize<JobProgress>(VaultFiles.ReadAllBytes(Path.Combine(path, ProgressFile)), JobSpecificationFile.Options) ?? throw new InvalidDataException("the progress is empty");

    private static string Of(JobFolder folder, int step) => Path.Combine(folder.Path, JobFolder.CheckpointName(step));

    private static long Bytes(string path) => new DirectoryInfo(path) is { Exists: true } info ? info.EnumerateFiles().Sum(x => x.Length) : 0;
}
