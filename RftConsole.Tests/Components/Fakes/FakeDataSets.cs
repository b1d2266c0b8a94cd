using RftConsole.Training.Datasets;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Uploaded data sets in memory.</summary>
public sealed class FakeDataSets : IDataSets
{
    private readonly List<UploadedDataSet> _all = [];

    public FakeNews News { get; } = new();

    public Dictionary<string, string[]> Users { get; } = [];

    public Dictionary<string, DataSetCheck> Checks { get; } = [];

    /// <summary>The files of imports, as they were written.</summary>
    public List<string> Imported { get; } = [];

    public UploadedDataSet Add(string id, string name, int rows = 120, int rejected = 0)
    {
        UploadedDataSet added = new(id, name, $"/data/datasets/{id}/{name}", rows, rejected, 2048, new string(id[^1], 64), DateTimeOffset.UnixEpoch);
        _all.Insert(0, added);
        Checks[id] = new(rows, rejected, [.. Enumerable.Range(1, rejected).Select(line => new RejectedLine(line, "messages is missing", "{}"))], [], [new("r-1", [new("system", "Be brief."), new("user", $"First prompt of {name}")], "42")]);
        return added;
    }

    public Task<IReadOnlyList<UploadedDataSet>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<UploadedDataSet>>([.. _all]);

    public Task<UploadedDataSet?> FindAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(_all.Find(set => set.Id == id));

    public Task<UploadedDataSet?> FindVersionAsync(string id, int version, CancellationToken cancellationToken = default) => Task.FromResult(_all.Find(set => set.Id == id && set.Version == version));

    public Task<DataSetCheck?> FindCheckAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(Checks.GetValueOrDefault(id));

    public Task<UploadedDataSet> AddAsync(string fileName, Stream content, CancellationToken cancellationToken = default) => Task.FromResult(Add("up-" + _all.Count, fileName));

    public Task<UploadedDataSet> AddAsync(StagedFile staged, CancellationToken cancellationToken = default) => Task.FromResult(Add("up-" + _all.Count, staged.Name));

    public async Task<UploadedDataSet> ImportAsync(string name, Func<string, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        string file = Path.GetTempFileName();
        try
        {
            await write(file, cancellationToken);
            Imported.Add(await File.ReadAllTextAsync(file, cancellationToken));
            return Add("up-" + _all.Count, name);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Splits that were asked for.</summary>
    public List<(string Id, double Share, ulong Seed)> Splits { get; } = [];

    public Task<DatasetSummary> CountTokensAsync(string id, string baseModel, CancellationToken cancellationToken = default) =>
        Task.FromResult(new DatasetSummary(2, 0, [], [], Training.Datasets.Inspection.TokenStatistics.Of([3, 5], 4), []));

    public Task<(UploadedDataSet Training, UploadedDataSet Validation)> SplitAsync(string id, double share, ulong seed, CancellationToken cancellationToken = default)
    {
        Splits.Add((id, share, seed));
        return Task.FromResult((Add("up-t", "train (training).jsonl", 90), Add("up-v", "train (validation).jsonl", 10)));
    }

    public Task<IReadOnlyList<string>> JobsUsingAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<string>>(Users.GetValueOrDefault(id, []));

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        _all.RemoveAll(set => set.Id == id);
        return News.TellAsync();
    }

    /// <summary>Another version becomes the current one.</summary>
    public Task ReplaceAsync(UploadedDataSet version)
    {
        _all[_all.FindIndex(set => set.Id == version.Id)] = version;
        return News.TellAsync();
    }

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
