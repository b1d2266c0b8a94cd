using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Uploads that have arrived, and a limit.</summary>
public sealed class FakeUploads : IUploads, IUploadLimit
{
    public Dictionary<string, StagedFile> Files { get; } = [];

    public List<string> Deleted { get; } = [];

    public long Limit { get; set; } = 1L << 30;

    public Task<string> BeginAsync(string fileName, long bytes, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public long? OffsetOf(string id) => Files.TryGetValue(id, out StagedFile? file) ? file.Bytes : null;

    public Task<long> AppendAsync(string id, long offset, Stream content, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<StagedFile> CompleteAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(Files[id]);

    public void Delete(string id) => Deleted.Add(id);

    public Task<long> BytesAsync(CancellationToken cancellationToken = default) => Task.FromResult(Limit);

    public Task SetAsync(long bytes, CancellationToken cancellationToken = default)
    {
        Limit = bytes;
        return Task.CompletedTask;
    }
}
