using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Versions of the data sets in memory, each a list of lines.</summary>
public sealed class FakeDataSetVersions(FakeDataSets dataSets) : IDataSetVersions
{
    private readonly Dictionary<string, List<Kept>> _kept = [];

    /// <summary>Jobs that use data sets, by data set.</summary>
    public Dictionary<string, DataSetUser[]> Users { get; } = [];

    /// <summary>What an edit is refused with.</summary>
    public string? Refusal { get; set; }

    /// <summary>A data set with lines, which are its first version.</summary>
    public UploadedDataSet Add(string id, string name, params string[] lines)
    {
        UploadedDataSet added = dataSets.Add(id, name, lines.Length);
        _kept[id] = [new(added, null, null, lines)];
        return added;
    }

    public async Task<IReadOnlyList<DataSetVersion>> ListAsync(string id, CancellationToken cancellationToken = default)
    {
        UploadedDataSet? current = await dataSets.FindAsync(id, cancellationToken);
        return [.. _kept.GetValueOrDefault(id, []).Select(kept => new DataSetVersion(kept.DataSet, kept.Parent, kept.Edit, DateTimeOffset.UnixEpoch, kept.DataSet.Version == current?.Version)).Reverse()];
    }

    public Task<DataSetCheck?> FindCheckAsync(string id, int version, CancellationToken cancellationToken = default) => dataSets.FindCheckAsync(id, cancellationToken);

    public Task<IReadOnlyList<string>> WithHashAsync(string beginning, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>([.. _kept.Where(entry => entry.Value.Any(kept => kept.DataSet.Sha256.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))).Select(entry => entry.Key)]);

    public Task<IReadOnlyList<DataSetUser>> UsersAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<DataSetUser>>(Users.GetValueOrDefault(id, []));

    public Task<RecordLines> ReadAsync(UploadedDataSet dataSet, RecordQuery query, CancellationToken cancellationToken = default)
    {
        RecordLine[] lines =
        [
            .. _kept[dataSet.Id].First(kept => kept.DataSet.Version == dataSet.Version).Lines.Select((line, index) => new RecordLine(index + 1, line, Record(line), null))
                .Where(line => line.Text.Contains(query.Search ?? "", StringComparison.OrdinalIgnoreCase)),
        ];
        return Task.FromResult(new RecordLines(lines.Length, [.. lines.Skip(query.Skip).Take(query.Take)]));
    }

    public async Task<UploadedDataSet> EditAsync(UploadedDataSet dataSet, int line, string? text, CancellationToken cancellationToken = default)
    {
        if (Refusal is not null)
        {
            throw new UserInputException(Refusal);
        }

        List<Kept> all = _kept[dataSet.Id];
        List<string> lines = [.. all.First(kept => kept.DataSet.Version == dataSet.Version).Lines];
        DataSetEdit edit = new(line, lines[line - 1], text);
        lines.RemoveAt(line - 1);
        if (text is not null)
        {
            lines.Insert(line - 1, RecordFile.ToLine(text));
        }

        UploadedDataSet made = dataSet with { Version = all.Count + 1, Rows = lines.Count, Sha256 = new string((char)('a' + all.Count), 64), File = $"{dataSet.File}.{all.Count + 1}" };
        all.Add(new(made, dataSet.Version, edit, [.. lines]));
        await dataSets.ReplaceAsync(made);
        return made;
    }

    public async Task<UploadedDataSet> MakeCurrentAsync(string id, int version, CancellationToken cancellationToken = default)
    {
        UploadedDataSet made = _kept[id].First(kept => kept.DataSet.Version == version).DataSet;
        await dataSets.ReplaceAsync(made);
        return made;
    }

    public Task DeleteAsync(string id, int version, CancellationToken cancellationToken = default)
    {
        _kept[id].RemoveAll(kept => kept.DataSet.Version == version);
        return dataSets.News.TellAsync();
    }

    private static TrainingRecord? Record(string line)
    {
        using MemoryStream stream = new(System.Text.Encoding.UTF8.GetBytes(line));
        return TrainingRecordReader.Read(stream, "line").Accepted.FirstOrDefault();
    }

    private sealed record Kept(UploadedDataSet DataSet, int? Parent, DataSetEdit? Edit, string[] Lines);
}
