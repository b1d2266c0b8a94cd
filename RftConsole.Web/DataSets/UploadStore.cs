using System.Collections.Concurrent;
using System.Security.Cryptography;

using RftConsole.Training;
using RftConsole.Training.Storage;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>A file that has arrived whole.</summary>
/// <param name="Id">Of the upload.</param>
/// <param name="Name">As the browser named it, cleaned.</param>
/// <param name="File">Where it lies until it is used or deleted.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">In lower-case hexadecimal.</param>
public sealed record StagedFile(string Id, string Name, string File, long Bytes, string Sha256);

/// <summary>Files on their way from a browser, each in chunks: what arrived stays where a connection breaks, and the next chunk goes on from there.</summary>
public interface IUploads
{
    /// <summary>Begins an upload.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="DataSetTooLargeException">It would be larger than the limit.</exception>
    /// <exception cref="UserInputException">A file of this name cannot be used, or the size is no size.</exception>
    Task<string> BeginAsync(string fileName, long bytes, CancellationToken cancellationToken = default);

    /// <summary>How many bytes have arrived; null where there is no such upload.</summary>
    long? OffsetOf(string id);

    /// <summary>Takes bytes from an offset on; ends one that still waits for bytes of a broken connection.</summary>
    /// <returns>How many bytes have arrived; where <paramref name="offset"/> is another, nothing was read.</returns>
    /// <exception cref="UserInputException">There is no such upload, more comes than was announced, or it cannot be stored.</exception>
    Task<long> AppendAsync(string id, long offset, Stream content, CancellationToken cancellationToken = default);

    /// <summary>The file, once it is whole.</summary>
    /// <exception cref="UserInputException">There is no such upload, or some of it is missing.</exception>
    Task<StagedFile> CompleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Forgets an upload and its bytes.</summary>
    void Delete(string id);
}

/// <inheritdoc cref="IUploads" />
internal sealed class UploadStore(DataFolder folder, IUploadLimit limit, IEncryptionKeys keys) : IUploads
{
    private readonly ConcurrentDictionary<string, Upload> _uploads = [];

    public async Task<string> BeginAsync(string fileName, long bytes, CancellationToken cancellationToken = default)
    {
        string name = DataSetFileName.CleanUpload(fileName);
        long most = await limit.BytesAsync(cancellationToken);
        if (bytes < 0 || bytes > most)
        {
            throw bytes < 0 ? new UserInputException($"{name}: {bytes} is no size of a file.") : UploadLimit.TooLarge(most);
        }

        string id = NewId.Create();
        Upload upload = new(name, Path.Combine(folder.UploadFolder(id), name), bytes);
        Directory.CreateDirectory(folder.UploadFolder(id));
        if (await keys.DefaultAsync(cancellationToken) is not null)
        {
            SealedFolders.CreatePassing(folder.UploadFolder(id));
        }

        // Empty, and there.
        VaultFiles.CutBack(upload.File, 0);

        _uploads[id] = upload;
        return id;
    }

    public long? OffsetOf(string id) => _uploads.TryGetValue(id, out Upload? upload) ? Interlocked.Read(ref upload.Received) : null;

    public async Task<long> AppendAsync(string id, long offset, Stream content, CancellationToken cancellationToken = default)
    {
        Upload upload = Require(id);
        using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A browser that tries again has given the old connection up, even where the server has not heard of its end yet.
        CancellationTokenSource? before = Interlocked.Exchange(ref upload.Reading, reading);
        try
        {
            before?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }

        await upload.Gate.WaitAsync(cancellationToken);
        try
        {
            return upload.Received == offset ? await StoreAsync(upload, content, reading.Token) : upload.Received;
        }
        finally
        {
            Interlocked.CompareExchange(ref upload.Reading, null, reading);
            upload.Gate.Release();
        }
    }

    public async Task<StagedFile> CompleteAsync(string id, CancellationToken cancellationToken = default)
    {
        Upload upload = Require(id);
        await upload.Gate.WaitAsync(cancellationToken);
        try
        {
            if (upload.Received != upload.Bytes)
            {
                throw new UserInputException($"{upload.Name}: {upload.Received} of {upload.Bytes} bytes have arrived; send the rest first.");
            }

            if (upload.Sha256 is null)
            {
                await using Stream file = VaultFiles.OpenRead(upload.File);
                upload.Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            }

            return new(id, upload.Name, upload.File, upload.Bytes, upload.Sha256);
        }
        finally
        {
            upload.Gate.Release();
        }
    }

    public void Delete(string id)
    {
        if (_uploads.TryRemove(id, out Upload? upload))
        {
            upload.Reading?.Cancel();
            SealedFolders.Close(Path.GetDirectoryName(upload.File)!);
            Directory.Delete(Path.GetDirectoryName(upload.File)!, recursive: true);
        }
    }

    private static async Task<long> StoreAsync(Upload upload, Stream content, CancellationToken cancellationToken)
    {
        try
        {
            byte[] buffer = new byte[128 * 1024];
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (upload.Received + read > upload.Bytes)
                {
                    throw new UserInputException($"{upload.Name}: more than the announced {upload.Bytes} bytes arrive; the file changed meanwhile. Upload it again.");
                }

                VaultFiles.Append(upload.File, buffer.AsSpan(0, read));
                Interlocked.Add(ref upload.Received, read);
            }

            return upload.Received;
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException and not Microsoft.AspNetCore.Http.BadHttpRequestException and not Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            throw new UserInputException($"The file could not be received and stored ({problem.Message.ReplaceLineEndings(" ")}): see that the disk of the data folder has room, and try again.", problem);
        }
    }

    private Upload Require(string id) => _uploads.TryGetValue(id, out Upload? upload) ? upload : throw new UploadGoneException();

    private sealed class Upload(string name, string file, long bytes)
    {
        public long Received;
        public CancellationTokenSource? Reading;

        public string Name { get; } = name;

        public string File { get; } = file;

        public long Bytes { get; } = bytes;

        public string? Sha256 { get; set; }

        /// <summary>One request at a time writes.</summary>
        public SemaphoreSlim Gate { get; } = new(1, 1);
    }
}

/// <summary>The console does not know an upload, or no longer.</summary>
internal sealed class UploadGoneException() : UserInputException("The console does not know this upload any more, as after a restart: upload the file again.");
