using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Storage;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Uploaded data sets: a row each in the database, and a file each in the data folder.</summary>
internal sealed class DataSetService(
    IDbContextFactory<ConsoleDbContext> contexts,
    ChangeFeed feed,
    DataFolder folder,
    IUploadLimit limit,
    IModelNames names,
    EncryptionKeys keys,
    TimeProvider time) : IDataSets, IDisposable
{
    /// <summary>Two uploads at once must not take the same name.</summary>
    private readonly SemaphoreSlim _naming = new(1, 1);

    public async Task<IReadOnlyList<UploadedDataSet>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<DataSetRow> rows = await context.DataSets.AsNoTracking().OrderByDescending(row => row.CreatedAt).ToListAsync(cancellationToken);
        return [.. rows.Select(ToDataSet)];
    }

    public async Task<UploadedDataSet?> FindAsync(string id, CancellationToken cancellationToken = default) =>
        await RowAsync(id, cancellationToken) is { } row ? ToDataSet(row) : null;

    public async Task<UploadedDataSet?> FindVersionAsync(string id, int version, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.DataSets.FindAsync([id], cancellationToken) is { } row && await context.DataSetVersions.FindAsync([id, version], cancellationToken) is { } found
            ? DataSetFiles.Describe(folder, row, found)
            : null;
    }

    public async Task<DataSetCheck?> FindCheckAsync(string id, CancellationToken cancellationToken = default) =>
        await RowAsync(id, cancellationToken) is { } row ? StoredJson.Read<DataSetCheck>(new RowTexts(folder.DataSetFolder(id)).Open(DataSetFiles.CheckPlace(id, row.Version), row.CheckJson)) : null;

    public async Task<UploadedDataSet> AddAsync(string fileName, Stream content, CancellationToken cancellationToken = default)
    {
        long most = await limit.BytesAsync(cancellationToken);
        return await ImportAsync(fileName, (file, ending) => StoreAsync(content, file, most, ending), cancellationToken);
    }

    public async Task<UploadedDataSet> AddAsync(StagedFile staged, CancellationToken cancellationToken = default)
    {
        long most = await limit.BytesAsync(cancellationToken);
        return await ImportAsync(
            staged.Name,
            async (file, ending) =>
            {
                await using Stream content = DataFile.Open(staged.File);
                if (content is FileStream)
                {
                    // As it came: there is no need to write it twice.
                    await content.DisposeAsync();
                    File.Move(staged.File, file);
                }
                else
                {
                    await StoreAsync(content, file, most, ending);
                }
            },
            cancellationToken);
    }

    public async Task<UploadedDataSet> ImportAsync(string name, Func<string, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        await ImportAsync(name, await keys.DefaultAsync(cancellationToken), write, cancellationToken);

    private async Task<UploadedDataSet> ImportAsync(string name, string? key, Func<string, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        string clean = DataSetFileName.Clean(name);
        string id = NewId.Create();
        string staged = folder.UploadFolder(id);
        try
        {
            string file = Path.Combine(staged, clean);
            Directory.CreateDirectory(staged);
            if (key is not null)
            {
                await SealedFolders.CreateAsync(staged, keys.Store, key, cancellationToken);
            }

            await Task.Run(() => write(file, cancellationToken), cancellationToken);
            CheckedFile found = await Task.Run(() => DataSetFiles.CheckAsync(file, clean, cancellationToken), cancellationToken);
            return await KeepAsync(new() { Id = id, Name = clean, Rows = found.Check.Accepted, RejectedRows = found.Check.RejectedCount, Bytes = found.Bytes, Sha256 = found.Sha256, CreatedAt = time.GetUtcNow(), CheckJson = new RowTexts(staged).Seal(DataSetFiles.CheckPlace(id, 1), StoredJson.Write(found.Check)) }, staged, cancellationToken);
        }
        finally
        {
            SealedFolders.Close(staged);
            DataSetFiles.DeleteFolder(staged);
        }
    }

    public async Task<DatasetSummary> CountTokensAsync(string id, string baseModel, CancellationToken cancellationToken = default)
    {
        UploadedDataSet set = await RequireAsync(id, cancellationToken);
        return await Task.Run(
            async () =>
            {
                using ModelSource source = ModelSource.Open(names.PathOf(baseModel) ?? baseModel);
                return (await DatasetScan.RunAsync(set.File, tokens: PromptLimit.Of(source), cancellation: cancellationToken)).Training;
            },
            cancellationToken);
    }

    public async Task<(UploadedDataSet Training, UploadedDataSet Validation)> SplitAsync(string id, double share, ulong seed, CancellationToken cancellationToken = default)
    {
        UploadedDataSet set = await RequireAsync(id, cancellationToken);
        if (!(share > 0 && share < 1))
        {
            throw new UserInputException("Validation share: give a percentage above 0 and below 100.");
        }

        IReadOnlySet<int> held = await Task.Run(() => DataSetSplit.HeldOutLines(set.File, share, seed, cancellationToken), cancellationToken);
        string stem = set.Name[..^DataSetFileName.Extension.Length];
        string? key = WrappedKey.Read(folder.DataSetFolder(id))?.Key ?? await keys.DefaultAsync(cancellationToken);
        UploadedDataSet training = await ImportAsync($"{stem} (training){DataSetFileName.Extension}", key, (file, ending) => DataSetSplit.CopyAsync(set.File, file, line => !held.Contains(line), ending), cancellationToken);
        return (training, await ImportAsync($"{stem} (validation){DataSetFileName.Extension}", key, (file, ending) => DataSetSplit.CopyAsync(set.File, file, held.Contains, ending), cancellationToken));
    }

    public async Task<IReadOnlyList<string>> JobsUsingAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.Where(job => job.TrainingDataSetId == id || job.ValidationDataSetId == id).OrderBy(job => job.CreatedAt).Select(job => job.Name).ToListAsync(cancellationToken);
    }

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.DataSets.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new UserInputException("This data set has been deleted already.");
        }

        SealedFolders.Destroy(folder.DataSetFolder(id));

        DataSetFiles.DeleteFolder(folder.DataSetFolder(id));
        feed.Publish(ChangeTopic.DataSets, id);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.DataSets, null, changed);

    public void Dispose() => _naming.Dispose();

    private static async Task StoreAsync(Stream content, string file, long most, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream target = VaultFiles.Create(file);
            byte[] buffer = new byte[128 * 1024];
            long bytes = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                bytes += read;
                if (bytes > most)
                {
                    throw UploadLimit.TooLarge(most);
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (InvalidDataException damaged)
        {
            throw new UserInputException($"{Path.GetFileName(file)}: the gzip data is damaged ({damaged.Message.ReplaceLineEndings(" ")}); compress the file again.", damaged);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException && !cancellationToken.IsCancellationRequested)
        {
            throw new UserInputException($"The file could not be received and stored ({problem.Message.ReplaceLineEndings(" ")}): see that the disk of the data folder has room, and try again.", problem);
        }
    }

    private async Task<UploadedDataSet> KeepAsync(DataSetRow row, string staged, CancellationToken cancellationToken)
    {
        await _naming.WaitAsync(cancellationToken);
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
            HashSet<string> taken = new(await context.DataSets.Select(other => other.Name).ToListAsync(cancellationToken), StringComparer.OrdinalIgnoreCase);
            row.FileName = row.Name;
            row.Name = DataSetFileName.Unique(row.Name, taken);
            context.DataSets.Add(row);
            context.DataSetVersions.Add(DataSetFiles.VersionOf(row, row.CreatedAt));
            // The file first: a row without its file would be a data set that cannot be used.
            Directory.Move(staged, folder.DataSetFolder(row.Id));
            try
            {
                await context.SaveChangesAsync(cancellationToken);
            }
            catch
            {
                DataSetFiles.DeleteFolder(folder.DataSetFolder(row.Id));
                throw;
            }
        }
        finally
        {
            _naming.Release();
        }

        feed.Publish(ChangeTopic.DataSets, row.Id);
        return ToDataSet(row);
    }

    private async Task<UploadedDataSet> RequireAsync(string id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) ?? throw new UserInputException("This data set has been deleted already.");

    private async Task<DataSetRow?> RowAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.DataSets.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    private UploadedDataSet ToDataSet(DataSetRow row) => DataSetFiles.Describe(folder, row);
}
