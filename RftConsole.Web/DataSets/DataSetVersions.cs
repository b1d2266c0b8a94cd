using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <inheritdoc cref="IDataSetVersions" />
internal sealed class DataSetVersions(IDbContextFactory<ConsoleDbContext> contexts, ChangeFeed feed, DataFolder folder, RecordFiles files, TimeProvider time) : IDataSetVersions, IDisposable
{
    /// <summary>Of a line before and after an edit; enough to see what changed, and no second copy of a large file.</summary>
    private const int KeptText = 32 * 1024;

    /// <summary>Two edits at once must not make the same version.</summary>
    private readonly SemaphoreSlim _editing = new(1, 1);

    public async Task<IReadOnlyList<DataSetVersion>> ListAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.DataSets.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
        {
            return [];
        }

        List<DataSetVersionRow> versions = await context.DataSetVersions.AsNoTracking().Where(version => version.DataSetId == id).OrderByDescending(version => version.Number).ToListAsync(cancellationToken);
        RowTexts texts = new(folder.DataSetFolder(id));
        return [.. versions.Select(version => new DataSetVersion(
            DataSetFiles.Describe(folder, row, version), version.Parent, StoredJson.ReadOptional<DataSetEdit>(texts.Open(DataSetFiles.EditPlace(id, version.Number), version.EditJson)), version.CreatedAt, version.Number == row.Version))];
    }

    public async Task<DataSetCheck?> FindCheckAsync(string id, int version, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        string? stored = await context.DataSetVersions.Where(row => row.DataSetId == id && row.Number == version).Select(row => row.CheckJson).SingleOrDefaultAsync(cancellationToken);
        return StoredJson.ReadOptional<DataSetCheck>(new RowTexts(folder.DataSetFolder(id)).Open(DataSetFiles.CheckPlace(id, version), stored));
    }

    public async Task<IReadOnlyList<string>> WithHashAsync(string beginning, CancellationToken cancellationToken = default)
    {
        string wanted = beginning.ToLowerInvariant();
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.DataSetVersions.Where(version => version.Sha256.StartsWith(wanted)).Select(version => version.DataSetId).Distinct().ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<DataSetUser>> UsersAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        var jobs = await context.Jobs
            .Where(job => job.TrainingDataSetId == id || job.ValidationDataSetId == id)
            .OrderBy(job => job.CreatedAt)
            .Select(job => new { job.Id, job.Name, Version = job.TrainingDataSetId == id ? job.TrainingDataSetVersion : job.ValidationDataSetVersion })
            .ToListAsync(cancellationToken);
        return [.. jobs.Select(job => new DataSetUser(job.Id, job.Name, job.Version ?? 1))];
    }

    public Task<RecordLines> ReadAsync(UploadedDataSet dataSet, RecordQuery query, CancellationToken cancellationToken = default) =>
        Task.Run(() => files.Read(dataSet.File, query, cancellationToken), cancellationToken);

    public async Task<UploadedDataSet> EditAsync(UploadedDataSet dataSet, int line, string? text, CancellationToken cancellationToken = default)
    {
        string? replacement = text is null ? null : RecordFile.ToLine(text);
        RecordLine before = files.Open(dataSet.File, cancellationToken).ReadLine(line) ?? throw new UserInputException($"There is no line {line} in this data set.");
        string? staged = null;
        RowTexts texts = new(folder.DataSetFolder(dataSet.Id));
        await _editing.WaitAsync(cancellationToken);
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
            DataSetRow row = await RequireCurrentAsync(context, dataSet, cancellationToken);
            int number = 1 + await context.DataSetVersions.Where(version => version.DataSetId == row.Id).MaxAsync(version => version.Number, cancellationToken);
            // Within the data set's folder: where that is encrypted, so is what is being written.
            staged = folder.DataSetFolder(row.Id, number) + ".partial";
            DataSetFiles.DeleteFolder(staged);
            Directory.CreateDirectory(staged);
            string file = Path.Combine(staged, row.FileName);
            await files.Open(dataSet.File, cancellationToken).RewriteAsync(file, line, replacement, cancellationToken);
            CheckedFile found = await CheckAsync(file, row, before, cancellationToken);
            DataSetVersionRow version = new()
            {
                DataSetId = row.Id,
                Number = number,
                Parent = row.Version,
                EditJson = texts.Seal(DataSetFiles.EditPlace(row.Id, number), StoredJson.Write(new DataSetEdit(line, Cut(before.Text), replacement is null ? null : Cut(replacement)))),
                Rows = found.Check.Accepted,
                RejectedRows = found.Check.RejectedCount,
                Bytes = found.Bytes,
                Sha256 = found.Sha256,
                CreatedAt = time.GetUtcNow(),
                CheckJson = texts.Seal(DataSetFiles.CheckPlace(row.Id, number), StoredJson.Write(found.Check)),
            };
            // The file first: a row without its file would be a version that cannot be used. One of a number that no row has is left over from a crash.
            DataSetFiles.DeleteFolder(folder.DataSetFolder(row.Id, number));
            Directory.Move(staged, folder.DataSetFolder(row.Id, number));
            context.DataSetVersions.Add(version);
            DataSetFiles.MakeCurrent(row, version);
            await context.SaveChangesAsync(cancellationToken);
            feed.Publish(ChangeTopic.DataSets, row.Id);
            return DataSetFiles.Describe(folder, row);
        }
        finally
        {
            _editing.Release();
            if (staged is not null)
            {
                DataSetFiles.DeleteFolder(staged);
            }
        }
    }

    public async Task<UploadedDataSet> MakeCurrentAsync(string id, int version, CancellationToken cancellationToken = default)
    {
        await _editing.WaitAsync(cancellationToken);
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
            DataSetRow row = await context.DataSets.FindAsync([id], cancellationToken) ?? throw new UserInputException("This data set has been deleted already.");
            DataSetFiles.MakeCurrent(row, await RequireAsync(context, id, version, cancellationToken));
            await context.SaveChangesAsync(cancellationToken);
            feed.Publish(ChangeTopic.DataSets, id);
            return DataSetFiles.Describe(folder, row);
        }
        finally
        {
            _editing.Release();
        }
    }

    public async Task DeleteAsync(string id, int version, CancellationToken cancellationToken = default)
    {
        await _editing.WaitAsync(cancellationToken);
        try
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
            DataSetVersionRow found = await RequireAsync(context, id, version, cancellationToken);
            DataSetRow row = (await context.DataSets.FindAsync([id], cancellationToken))!;
            if (row.Version == version)
            {
                throw new UserInputException($"Version {version} is the current one: make another one current first.");
            }

            context.DataSetVersions.Remove(found);
            await context.SaveChangesAsync(cancellationToken);
            string file = DataSetFiles.Describe(folder, row, found).File;
            File.Delete(file);
            if (version > 1)
            {
                DataSetFiles.DeleteFolder(folder.DataSetFolder(id, version));
            }
        }
        finally
        {
            _editing.Release();
        }

        feed.Publish(ChangeTopic.DataSets, id);
    }

    public void Dispose() => _editing.Dispose();

    private static async Task<DataSetRow> RequireCurrentAsync(ConsoleDbContext context, UploadedDataSet dataSet, CancellationToken cancellationToken)
    {
        DataSetRow row = await context.DataSets.FindAsync([dataSet.Id], cancellationToken) ?? throw new UserInputException("This data set has been deleted already.");
        return row.Version == dataSet.Version ? row : throw new UserInputException($"Version {row.Version} of this data set is current by now: look at it, then edit again.");
    }

    private static async Task<DataSetVersionRow> RequireAsync(ConsoleDbContext context, string id, int version, CancellationToken cancellationToken) =>
        await context.DataSetVersions.FindAsync([id, version], cancellationToken) ?? throw new UserInputException($"There is no version {version} of this data set any more.");

    /// <summary>An edit must not cost another line its place, as an id that is taken does.</summary>
    private static async Task<CheckedFile> CheckAsync(string file, DataSetRow row, RecordLine before, CancellationToken cancellationToken)
    {
        CheckedFile found;
        try
        {
            found = await Task.Run(() => DataSetFiles.CheckAsync(file, row.Name, cancellationToken), cancellationToken);
        }
        catch (DataSetRefusedException)
        {
            throw new UserInputException("No training record would be left: delete the data set instead.");
        }

        if (found.Check.RejectedCount > row.RejectedRows)
        {
            RejectedLine spoilt = found.Rejected.FirstOrDefault(line => line.Reason.Contains($"line {before.Number}", StringComparison.Ordinal)) ?? found.Rejected.FirstOrDefault(line => line.Line == before.Number) ?? found.Rejected[0];
            throw new UserInputException($"This edit is not kept, because line {spoilt.Line} could not be used any more: {spoilt.Reason}.");
        }

        return found;
    }

    private static string Cut(string text) => text.Length <= KeptText ? text : text[..KeptText] + "…";
}
