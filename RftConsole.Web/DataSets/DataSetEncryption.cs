using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Which key an uploaded data set is encrypted with. New ones get the default key; this is for those that are there already.</summary>
public interface IDataSetEncryption
{
    /// <summary>The name of its key; null where it is not encrypted.</summary>
    string? FindKey(string id);

    /// <summary>Encrypts a data set, all its versions and what the database keeps of their records. One that is encrypted already gets another key, and is not written again.</summary>
    /// <param name="id">The data set.</param>
    /// <param name="keyName">The key.</param>
    /// <param name="progress">Hears which share of its bytes is written.</param>
    /// <param name="cancellationToken">Gives it up; the data set is as it was then.</param>
    /// <exception cref="UserInputException">The data set or the key is gone, a key is locked, or the data set was changed meanwhile.</exception>
    Task EncryptAsync(string id, string keyName, IProgress<double>? progress = null, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IDataSetEncryption" />
internal sealed class DataSetEncryption(IDbContextFactory<ConsoleDbContext> contexts, ChangeFeed feed, DataFolder folder, EncryptionKeys keys) : IDataSetEncryption, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public string? FindKey(string id) => WrappedKey.Read(folder.DataSetFolder(id))?.Key;

    public async Task EncryptAsync(string id, string keyName, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (FindKey(id) is not { } current)
            {
                await SealAsync(id, keyName, progress, cancellationToken);
            }
            else if (current != keyName)
            {
                await SealedFolders.RewrapAsync(folder.DataSetFolder(id), keys.Store, keyName, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }

        feed.Publish(ChangeTopic.DataSets, id);
    }

    /// <summary>Encrypts what an encrypted job is made from, which would otherwise stay readable in the library.</summary>
    /// <param name="encryption">The job's; null where it is not encrypted.</param>
    /// <param name="dataSetIds">Data sets of the library that it reads.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task EncryptForAsync(JobEncryption? encryption, IEnumerable<string?> dataSetIds, CancellationToken cancellationToken)
    {
        foreach (string id in dataSetIds.OfType<string>().Distinct().Where(id => encryption is not null && FindKey(id) is null))
        {
            await EncryptAsync(id, encryption!.Key, cancellationToken: cancellationToken);
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>A whole encrypted copy takes the folder's place, then the rows follow: until then they can be read as they are.</summary>
    private async Task SealAsync(string id, string key, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        string place = folder.DataSetFolder(id);
        string copy = folder.UploadFolder(NewId.Create());
        string plain = folder.UploadFolder(NewId.Create());
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
            List<DataSetVersionRow> versions = await context.DataSetVersions.Where(version => version.DataSetId == id).ToListAsync(cancellationToken);
            DataSetRow row = await context.DataSets.FindAsync([id], cancellationToken) ?? throw new UserInputException("This data set has been deleted already.");
            await SealedFolders.CreateAsync(copy, keys.Store, key, cancellationToken);
            string[] files = [.. versions.Select(version => Path.GetRelativePath(place, Path.Combine(folder.DataSetFolder(id, version.Number), row.FileName)))];
            (long written, long total) = (0, files.Sum(file => new FileInfo(Path.Combine(place, file)).Length));
            foreach (string file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
                await Task.Run(() => VaultFiles.Copy(Path.Combine(place, file), Path.Combine(copy, file), Report, cancellationToken), cancellationToken);
                void Report(long bytes) => progress?.Report((double)(written += bytes) / total);
            }

            Seal(new(copy), row, versions);
            if (await context.DataSetVersions.CountAsync(version => version.DataSetId == id, cancellationToken) != versions.Count)
            {
                throw new UserInputException($"\"{row.Name}\" was edited while it was being encrypted; try again.");
            }

            await ReplaceAsync(context, place, copy, plain);
        }
        finally
        {
            SealedFolders.Close(copy);
            DataSetFiles.DeleteFolder(copy);
            DataSetFiles.DeleteFolder(plain);
        }
    }

    private static void Seal(RowTexts texts, DataSetRow row, IEnumerable<DataSetVersionRow> versions)
    {
        row.CheckJson = texts.Seal(DataSetFiles.CheckPlace(row.Id, row.Version), row.CheckJson);
        foreach (DataSetVersionRow version in versions)
        {
            version.CheckJson = texts.Seal(DataSetFiles.CheckPlace(row.Id, version.Number), version.CheckJson);
            version.EditJson = texts.Seal(DataSetFiles.EditPlace(row.Id, version.Number), version.EditJson);
        }
    }

    /// <summary>From here on nothing is given up half way.</summary>
    private static async Task ReplaceAsync(ConsoleDbContext context, string place, string copy, string plain)
    {
        Directory.Move(place, plain);
        Directory.Move(copy, place);
        SealedFolders.Close(copy);
        try
        {
            await context.SaveChangesAsync();
        }
        catch
        {
            SealedFolders.Close(place);
            Directory.Move(place, copy);
            Directory.Move(plain, place);
            throw;
        }

        // What was deleted or overwritten, now or earlier, stays in the file's free pages until it is written anew.
        await context.Database.ExecuteSqlRawAsync("VACUUM");
        await context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
