using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Settings;

/// <inheritdoc cref="IDataFolderUse"/>
internal sealed class DataFolderUse(DataFolder folder, IDbContextFactory<ConsoleDbContext> contexts, JobDisk disk, ChangeFeed feed, TimeProvider time) : IDataFolderUse
{
    /// <summary>A folder is made before the row that knows it: a young one may be somebody's work.</summary>
    private static readonly TimeSpan s_youngest = TimeSpan.FromHours(1);

    private static readonly Dictionary<string, FolderPart> s_parts = new()
    {
        ["jobs"] = FolderPart.Jobs,
        ["models"] = FolderPart.Models,
        ["datasets"] = FolderPart.DataSets,
        ["base-models"] = FolderPart.BaseModels,
        ["rewards"] = FolderPart.RewardFunctions,
        ["invocation-logs"] = FolderPart.InvocationLogs,
        ["imports"] = FolderPart.Imports,
        ["uploads"] = FolderPart.Imports,
    };

    private static readonly JobStatus[] s_running = [JobStatus.InProgress, JobStatus.Stopping];

    private string DatabaseName => Path.GetFileName(folder.DatabaseFile);

    public async Task<DataFolderReport> ViewAsync(CancellationToken cancellationToken = default)
    {
        Dictionary<FolderPart, (long Bytes, int? Count)> uses = [];
        foreach (FileSystemInfo entry in new DirectoryInfo(folder.Root).EnumerateFileSystemInfos())
        {
            FolderPart part = s_parts.TryGetValue(entry.Name, out FolderPart known) ? known : entry.Name.StartsWith(DatabaseName, StringComparison.Ordinal) ? FolderPart.Database : FolderPart.Other;
            (long bytes, int? count) = uses.GetValueOrDefault(part);
            uses[part] = (bytes + Measure(entry), part is FolderPart.Database or FolderPart.Other or FolderPart.Imports ? null : (count ?? 0) + Count(entry));
        }

        long spare = (await EndedJobsAsync(cancellationToken)).Sum(id => disk.Describe(id).SpareBytes);
        long leftovers = (await LeftoversAsync(cancellationToken)).Sum(Measure);
        return new(folder.Root, new DriveInfo(folder.Root).AvailableFreeSpace, [.. uses.Select(use => new FolderPartUse(use.Key, use.Value.Bytes, use.Value.Count)).OrderByDescending(use => use.Bytes)], spare, leftovers);
    }

    public async Task<long> FreeCheckpointsAsync(CancellationToken cancellationToken = default)
    {
        long freed = 0;
        foreach (string id in await EndedJobsAsync(cancellationToken))
        {
            if (disk.Describe(id).SpareBytes > 0)
            {
                freed += disk.Free(id);
                feed.Publish(ChangeTopic.Jobs, id);
            }
        }

        return freed;
    }

    public async Task<long> DeleteLeftoversAsync(CancellationToken cancellationToken = default)
    {
        long freed = 0;
        foreach (FileSystemInfo leftover in await LeftoversAsync(cancellationToken))
        {
            freed += Measure(leftover);
            if (leftover is DirectoryInfo directory)
            {
                directory.Delete(recursive: true);
            }
            else
            {
                leftover.Delete();
            }
        }

        return freed;
    }

    public async Task<long> CompactAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Jobs.AnyAsync(row => s_running.Contains(row.Status), cancellationToken))
        {
            throw new UserInputException("A job runs: pause or stop it before you compact the database, or wait for its end.");
        }

        long before = DatabaseBytes();
        await context.Database.ExecuteSqlRawAsync("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);", cancellationToken);
        return Math.Max(0, before - DatabaseBytes());
    }

    /// <summary>A link may lead out of the folder, and to something large that is not the folder's.</summary>
    private static long Measure(FileSystemInfo entry)
    {
        try
        {
            return entry switch
            {
                { LinkTarget: not null } => 0,
                FileInfo file => file.Length,
                DirectoryInfo directory => directory.EnumerateFileSystemInfos().Sum(Measure),
                _ => 0,
            };
        }
        catch (IOException)
        {
            // It went while it was measured.
            return 0;
        }
    }

    private static int Count(FileSystemInfo entry) => entry is DirectoryInfo directory ? directory.EnumerateDirectories().Count() : 0;

    private long DatabaseBytes() => new DirectoryInfo(folder.Root).EnumerateFiles(DatabaseName + "*").Where(file => !IsCopy(file)).Sum(file => file.Length);

    private bool IsCopy(FileSystemInfo file) => file.Name.StartsWith(DatabaseName + ".before-", StringComparison.Ordinal);

    private async Task<IReadOnlyList<string>> EndedJobsAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.Where(row => !s_running.Contains(row.Status) && row.Status != JobStatus.Queued).Select(row => row.Id).ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<FileSystemInfo>> LeftoversAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        (string Folder, IQueryable<string> Known)[] owners =
        [
            ("jobs", context.Jobs.Select(row => row.Id)),
            ("models", context.Models.Select(row => row.Id)),
            ("datasets", context.DataSets.Select(row => row.Id)),
            ("base-models", context.BaseModels.Select(row => row.Id)),
            ("invocation-logs", context.Deployments.Select(row => row.Id)),
            ("examples", context.RewardFunctions.Select(row => row.Id)),
        ];
        List<FileSystemInfo> found = [.. new DirectoryInfo(folder.Root).EnumerateFiles(DatabaseName + "*").Where(IsCopy)];
        foreach ((string name, IQueryable<string> known) in owners)
        {
            // Looked at before the rows are read: what is made in between has its row by then, or is young.
            DirectoryInfo[] folders = Folders(name);
            if (folders.Length > 0)
            {
                HashSet<string> ids = [.. await known.ToListAsync(cancellationToken)];
                found.AddRange(folders.Where(entry => !ids.Contains(entry.Name)));
            }
        }

        return found;
    }

    private DirectoryInfo[] Folders(string name)
    {
        DirectoryInfo part = new(Path.Combine(folder.Root, name));
        DateTime oldest = time.GetUtcNow().UtcDateTime - s_youngest;
        return part.Exists ? [.. part.EnumerateDirectories().Where(entry => entry.LinkTarget is null && entry.LastWriteTimeUtc < oldest)] : [];
    }
}
