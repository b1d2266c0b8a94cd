using RftConsole.Training;
using RftConsole.Training.Datasets.S3;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>One bucket, and the connection to it.</summary>
public sealed class FakeS3(FakeDataSets dataSets) : IS3Data, IS3Settings
{
    public S3Connection? Connection { get; private set; }

    public string? Failure { get; set; }

    public Task<IReadOnlyList<string>> BucketsAsync(CancellationToken cancellationToken = default) =>
        Failure is null ? Task.FromResult<IReadOnlyList<string>>(["data"]) : throw new UserInputException(Failure);

    public Task<S3Listing> ListAsync(S3Address folder, CancellationToken cancellationToken = default) => Task.FromResult(folder.Key.Length == 0
        ? new S3Listing(["train/"], [], false)
        : new S3Listing([], [new(folder.Key + "a.jsonl", 2048, null)], false));

    public Task<UploadedDataSet> ImportAsync(S3Address address, Action<long, long> progress, CancellationToken cancellationToken = default) =>
        Task.FromResult(Add(address));

    private UploadedDataSet Add(S3Address address)
    {
        CutOff.RemoveAll(import => import.Address == address.ToString());
        return dataSets.Add("up-s3", Path.GetFileName(address.Key));
    }

    public List<UnfinishedImport> CutOff { get; } = [];

    public IReadOnlyList<UnfinishedImport> Unfinished() => [.. CutOff];

    public void Discard(string importId) => CutOff.RemoveAll(import => import.Id == importId);

    public Task<S3SettingsView> ViewAsync(CancellationToken cancellationToken = default) => Task.FromResult(new S3SettingsView(Connection ?? new(), Connection is not null, Connection is null));

    public Task<S3Connection> ConnectionAsync(CancellationToken cancellationToken = default) => Task.FromResult(Connection ?? new());

    public Task SetAsync(S3Connection? connection, CancellationToken cancellationToken = default)
    {
        Connection = connection;
        return Task.CompletedTask;
    }
}
