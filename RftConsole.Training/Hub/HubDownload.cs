using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Training.Hub;

/// <summary>A finished download.</summary>
/// <param name="Model">The model at the commit that was downloaded.</param>
/// <param name="File">The GGUF file's name; null for a folder.</param>
public sealed record HubDownloaded(HubModel Model, string? File);

/// <summary>
/// Downloads a model into a folder that gets its name by one rename, when every file is there and its checksum right. What has arrived stays beside it,
/// in a <c>.partial</c> folder, with the commit that it belongs to: running it again goes on there.
/// </summary>
public sealed class HubDownload(HubClient client, HubConnection hub, HubReference reference, string target)
{
    private const string PlanFile = "download.json";
    private const long SpareBytes = 256L << 20;

    private readonly string _partial = target + ".partial";

    /// <summary>Free bytes of the disk that holds a folder.</summary>
    public Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <exception cref="UserInputException">It cannot go on; the message says what to do. What has arrived is kept.</exception>
    public async Task<HubDownloaded> RunAsync(Action<HubProgress> report, CancellationToken cancellationToken)
    {
        try
        {
            var model = await PlanAsync(cancellationToken);
            var files = HubSelection.Choose(model, reference.File);
            RequireRoom(files);
            long total = files.Sum(file => file.Size);
            long before = 0;
            foreach (var file in files)
            {
                long start = before;
                await FetchAsync(model, file, done => report(new(start + done, total, file.Name)), cancellationToken);
                before += file.Size;
                if (file.Name == "config.json")
                {
                    // An architecture that is not supported is found out here, before the weights.
                    DecoderConfig.Load(_partial);
                }
            }

            string? gguf = files is [{ Name: var name }] && name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name : null;
            report(new(total, total, ""));
            ModelInspection.Inspect(gguf is null ? _partial : Path.Combine(_partial, gguf));
            File.Delete(Path.Combine(_partial, PlanFile));
            Directory.Move(_partial, target);
            DurableFiles.FlushFolder(Path.GetDirectoryName(target)!);
            return new(model, gguf);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"The download cannot be stored ({problem.Message.ReplaceLineEndings(" ")}): make room on the disk of the data folder, then resume.", problem);
        }
    }

    /// <summary>Deletes what has arrived.</summary>
    public static void Discard(string target)
    {
        if (Directory.Exists(target + ".partial"))
        {
            Directory.Delete(target + ".partial", recursive: true);
        }
    }

    /// <summary>The plan of an earlier run, or a new one, which pins the commit.</summary>
    private async Task<HubModel> PlanAsync(CancellationToken cancellationToken)
    {
        string plan = Path.Combine(_partial, PlanFile);
        if (File.Exists(plan))
        {
            try
            {
                return JsonSerializer.Deserialize<HubModel>(await File.ReadAllBytesAsync(plan, cancellationToken)) ?? throw new JsonException("empty");
            }
            catch (JsonException)
            {
                // Cut off while it was written: nothing else has arrived by then.
                Discard(target);
            }
        }

        var model = await client.DescribeAsync(hub, reference, cancellationToken);
        HubSelection.Choose(model, reference.File);
        if (model.ModelType is { } type && type is not ("llama" or "qwen2" or "qwen3"))
        {
            throw new UserInputException($"{model.Id} has the architecture \"{type}\", which is not supported (llama, qwen2, qwen3).");
        }

        Directory.CreateDirectory(_partial);
        DurableFiles.WriteAllBytes(plan, JsonSerializer.SerializeToUtf8Bytes(model));
        return model;
    }

    private void RequireRoom(IReadOnlyList<HubFile> files)
    {
        long needed = files.Sum(file => file.Size - Arrived(file)) + SpareBytes;
        long free = FreeBytes(_partial);
        if (needed > free)
        {
            throw new UserInputException($"The disk of the data folder has {free / 1e9:0.0} GB free, and the download needs {needed / 1e9:0.0} GB: make room, then resume.");
        }
    }

    private long Arrived(HubFile file) => new FileInfo(Path.Combine(_partial, file.Name)) is { Exists: true } there ? Math.Min(there.Length, file.Size) : 0;

    private async Task FetchAsync(HubModel model, HubFile file, Action<long> report, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_partial, file.Name);
        bool resumed = Arrived(file) > 0;
        while (true)
        {
            while (!await client.RetryAsync(token => AdvanceAsync(model, file, path, report, token), cancellationToken))
            {
            }

            string? fault = await FaultAsync(file, path, cancellationToken);
            if (fault is null)
            {
                return;
            }

            File.Delete(path);
            if (!resumed)
            {
                throw new UserInputException($"{file.Name} of {model.Id} arrived damaged ({fault}) and was deleted: resume to fetch it again, or use another mirror.");
            }

            // The two parts may come from two versions of the file; a whole one decides.
            resumed = false;
        }
    }

    /// <returns>Whether the file is complete; false where it was cut off after at least one byte, so that the count of attempts begins anew.</returns>
    private async Task<bool> AdvanceAsync(HubModel model, HubFile file, string path, Action<long> report, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1 << 16, FileOptions.Asynchronous);
        if (target.Length > file.Size)
        {
            target.SetLength(0);
        }

        long from = target.Length;
        report(from);
        if (from == file.Size)
        {
            return true;
        }

        using var response = await client.OpenAsync(hub, model, file, from, cancellationToken);
        bool continues = response.StatusCode == System.Net.HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == from;
        if (!continues && from > 0)
        {
            // A server that does not know ranges sends the file from its beginning.
            target.SetLength(0);
        }

        long done = target.Seek(0, SeekOrigin.End);
        long begin = done;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            byte[] buffer = new byte[1 << 17];
            int read;
            while (done < file.Size && (read = await client.ReadAsync(body, buffer, cancellationToken)) > 0)
            {
                int wanted = (int)Math.Min(read, file.Size - done);
                await target.WriteAsync(buffer.AsMemory(0, wanted), cancellationToken);
                done += wanted;
                report(done);
            }
        }
        catch (HubUnavailableException) when (done > begin && continues | from == 0)
        {
            await target.FlushAsync(cancellationToken);
            return false;
        }

        if (done == file.Size)
        {
            target.Flush(flushToDisk: true);
            return true;
        }

        return done > begin && continues | from == 0 ? false : throw new HubUnavailableException($"{file.Name} ended after {done} of {file.Size} bytes.");
    }

    /// <returns>What is wrong with a complete file; null for nothing.</returns>
    private static async Task<string?> FaultAsync(HubFile file, string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
        if (file.Sha256 is { } sha256)
        {
            string actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            return actual == sha256 ? null : $"SHA-256 {actual} where the hub names {sha256}";
        }

        if (file.GitSha1 is not { } sha1)
        {
            throw new UserInputException($"The hub or mirror names no checksum of {file.Name}: use another mirror.");
        }

        byte[] content = new byte[stream.Length];
        await stream.ReadExactlyAsync(content, cancellationToken);
#pragma warning disable CA5350 // Git's ids are SHA-1.
        string blob = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350
        return blob == sha1 ? null : $"Git blob id {blob} where the hub names {sha1}";
    }
}
