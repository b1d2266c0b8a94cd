using System.Text.Json;

using Amazon.S3;
using Amazon.S3.Model;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.S3;

/// <summary>
/// One download in parts. Beside <c>FILE.part</c> stands <c>FILE.part.json</c> with the object's version and the parts that are whole;
/// both go when the file is complete.
/// </summary>
/// <param name="client">The store.</param>
/// <param name="address">The object.</param>
/// <param name="file">Where it goes.</param>
/// <param name="progress">Hears how many bytes of how many are there.</param>
internal sealed class S3Download(AmazonS3Client client, S3Address address, string file, Action<long, long>? progress)
{
    /// <summary>Small enough that little is lost with a connection, large enough that asking costs little.</summary>
    public const int PartBytes = 8 * 1024 * 1024;

    private const int PartsAtOnce = 4;

    /// <summary>Connections in a row that brought nothing of a part.</summary>
    private const int MostFailures = 4;

    private static readonly TimeSpan s_firstRest = TimeSpan.FromMilliseconds(100);

    private readonly string _partial = file + ".part";
    private readonly Lock _lock = new();
    private State _state = new("", 0, []);
    private long _received;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var head = await client.GetObjectMetadataAsync(address.Bucket, address.Key, cancellation);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (VaultFiles.IsEncrypted(file))
        {
            await FetchWholeAsync(head, cancellation);
            return;
        }

        _state = Resumable(head) ?? new State(head.ETag, head.ContentLength, []);
        _received = _state.Parts.Sum(part => (long)LengthOf(part));
        await using (var target = new FileStream(_partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
        {
            target.SetLength(_state.Bytes);
            progress?.Invoke(_received, _state.Bytes);
            var missing = Enumerable.Range(0, (int)((_state.Bytes + PartBytes - 1) / PartBytes)).Except(_state.Parts);
            await Parallel.ForEachAsync(
                missing,
                new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellation },
                async (part, token) => await FetchAsync(part, target.SafeFileHandle, token));
        }

        File.Move(_partial, file, overwrite: true);
        File.Delete(StateFile);
    }

    private string StateFile => _partial + ".json";

    /// <summary>What an earlier download of the same version left; null where there is nothing to go on from.</summary>
    private State? Resumable(GetObjectMetadataResponse head)
    {
        try
        {
            return File.Exists(_partial) && File.Exists(StateFile)
                && JsonSerializer.Deserialize<State>(File.ReadAllText(StateFile)) is { } state && state.Version == head.ETag && state.Bytes == head.ContentLength ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>From beginning to end, encrypted as it comes: parts that are still to be put together would lie on the disk as they are.</summary>
    private async Task FetchWholeAsync(GetObjectMetadataResponse head, CancellationToken cancellation)
    {
        using var response = await client.GetObjectAsync(new GetObjectRequest { BucketName = address.Bucket, Key = address.Key, EtagToMatch = head.ETag }, cancellation);
        await using (var target = VaultFiles.Create(_partial, file))
        {
            var buffer = new byte[128 * 1024];
            int read;
            while ((read = await response.ResponseStream.ReadAsync(buffer, cancellation)) > 0)
            {
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
                _received += read;
                progress?.Invoke(_received, head.ContentLength);
            }
        }

        File.Move(_partial, file, overwrite: true);
    }

    private async Task FetchAsync(int part, Microsoft.Win32.SafeHandles.SafeFileHandle target, CancellationToken cancellation)
    {
        var start = (long)part * PartBytes;
        var length = LengthOf(part);
        for (int position = 0, failures = 0; position < length;)
        {
            var before = position;
            try
            {
                position += await ReceiveAsync(start + position, length - position, target, cancellation);
                if (position < length)
                {
                    throw new IOException($"the connection ended after {position} of {length} bytes of part {part + 1}");
                }
            }
            catch (Exception broken) when (IsBroken(broken) && !cancellation.IsCancellationRequested && failures < MostFailures)
            {
                // A connection that brought something is no failure of the store's.
                failures = position > before ? 0 : failures + 1;
                await Task.Delay(s_firstRest * (1 << failures), cancellation);
            }
        }

        lock (_lock)
        {
            _received += length;
            _state = _state with { Parts = [.. _state.Parts, part] };
            WriteState();
            progress?.Invoke(_received, _state.Bytes);
        }
    }

    /// <returns>How many bytes came before the connection ended.</returns>
    private async Task<int> ReceiveAsync(long start, int length, Microsoft.Win32.SafeHandles.SafeFileHandle target, CancellationToken cancellation)
    {
        using var response = await client.GetObjectAsync(
            new GetObjectRequest { BucketName = address.Bucket, Key = address.Key, ByteRange = new ByteRange(start, start + length - 1), EtagToMatch = _state.Version }, cancellation);
        var buffer = new byte[128 * 1024];
        var position = 0;
        try
        {
            int read;
            while (position < length && (read = await response.ResponseStream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, length - position)), cancellation)) > 0)
            {
                await RandomAccess.WriteAsync(target, buffer.AsMemory(0, read), start + position, cancellation);
                position += read;
            }
        }
        catch (Exception broken) when (IsBroken(broken) && position > 0 && !cancellation.IsCancellationRequested)
        {
            // What came is kept; the caller asks for the rest.
        }

        return position;
    }

    private static bool IsBroken(Exception problem) => problem is IOException or HttpRequestException or System.Net.Sockets.SocketException or TimeoutException;

    /// <summary>In one step: a process that is killed here must not leave half of it.</summary>
    private void WriteState()
    {
        var written = StateFile + ".new";
        File.WriteAllText(written, JsonSerializer.Serialize(_state));
        File.Move(written, StateFile, overwrite: true);
    }

    private int LengthOf(int part) => (int)Math.Min(PartBytes, _state.Bytes - (long)part * PartBytes);

    private sealed record State(string Version, long Bytes, IReadOnlyList<int> Parts);
}
