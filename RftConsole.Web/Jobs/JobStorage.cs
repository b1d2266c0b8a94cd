using System.Collections.Concurrent;

using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>What a job keeps on the disk.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="Checkpoints">What it can go on from, newest first.</param>
/// <param name="SpareBytes">Of these, what a resume does not need: neither the last nor the best one.</param>
/// <param name="Files">Sizes of its files by name.</param>
/// <param name="BestStep">The best checkpoint by validation reward: of an ended job the one that its model is, before that as far as the last one knows; null before a validation.</param>
public sealed record JobStorage(long Bytes, IReadOnlyList<StoredCheckpoint> Checkpoints, long SpareBytes, IReadOnlyDictionary<string, long> Files, int? BestStep)
{
    /// <summary>Nothing.</summary>
    public static JobStorage None { get; } = new(0, [], 0, new Dictionary<string, long>(), null);
}

/// <summary>Measures the folders of jobs, and frees what they need not keep.</summary>
internal sealed class JobDisk(DataFolder folder)
{
    /// <summary>A job's folder changes while it runs and with what is done to it; lists ask far more often than that.</summary>
    private readonly ConcurrentDictionary<string, long> _known = new();

    /// <summary>Bytes of a job's folder.</summary>
    /// <param name="id">The job.</param>
    /// <param name="changes">Whether it may be another number the next time.</param>
    public long Bytes(string id, bool changes)
    {
        if (!changes)
        {
            return _known.GetOrAdd(id, _ => Measure(folder.JobFolder(id)));
        }

        Forget(id);
        return Measure(folder.JobFolder(id));
    }

    /// <summary>The next look at the job's folder measures it again.</summary>
    public void Forget(string id) => _known.TryRemove(id, out _);

    /// <summary>The folder in parts.</summary>
    public JobStorage Describe(string id)
    {
        JobFolder job = new(folder.JobFolder(id));
        try
        {
            IReadOnlyList<StoredCheckpoint> checkpoints = StoredCheckpoints.List(job);
            HashSet<int> spare = [.. StoredCheckpoints.Spare(job, 1)];
            Dictionary<string, long> files = Directory.Exists(job.Path) ? new DirectoryInfo(job.Path).EnumerateFiles().ToDictionary(file => file.Name, file => file.Length) : [];
            return new(Measure(job.Path), checkpoints, checkpoints.Where(checkpoint => spare.Contains(checkpoint.Step)).Sum(checkpoint => checkpoint.Bytes), files, checkpoints.Count > 0 ? StoredCheckpoints.BestOf(job, checkpoints[0].Step) : null);
        }
        catch (KeyUnavailableException)
        {
            // Which checkpoint is the best one stands in the checkpoints, which nobody can read now.
            IReadOnlyList<StoredCheckpoint> checkpoints = StoredCheckpoints.List(job);
            return new(Measure(job.Path), checkpoints, 0, new DirectoryInfo(job.Path).EnumerateFiles().ToDictionary(file => file.Name, file => file.Length), null);
        }
        catch (IOException)
        {
            // A running job deletes checkpoints while they are looked at; the next news show it again.
            return JobStorage.None;
        }
    }

    /// <summary>Deletes what a resume does not need. Returns the bytes that were freed.</summary>
    /// <exception cref="RftConsole.Training.UserInputException">The job has just begun to run.</exception>
    public long Free(string id)
    {
        JobFolder job = new(folder.JobFolder(id));
        long before = Measure(job.Checkpoints);
        StoredCheckpoints.Free(job);
        Forget(id);
        return before - Measure(job.Checkpoints);
    }

    private static long Measure(string path)
    {
        try
        {
            return Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
