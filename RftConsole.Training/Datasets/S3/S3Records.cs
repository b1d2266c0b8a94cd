using System.Text.Json;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.S3;

/// <summary>Brings training records and logs from a bucket to this machine.</summary>
public static class S3Records
{
    /// <summary>
    /// Downloads an object, or all objects under a prefix one behind the other in the order of their keys, as one file of lines; what is
    /// compressed is unpacked. Cut off, the next call goes on where this one stood.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="address">An object or a prefix.</param>
    /// <param name="file">The file to write; it is there only when it is whole.</param>
    /// <param name="progress">Hears how many bytes of how many are there.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <returns>The objects' addresses.</returns>
    /// <exception cref="UserInputException">There is nothing at the address, or it cannot be read.</exception>
    public static async Task<IReadOnlyList<S3Address>> DownloadAsync(
        S3Store store, S3Address address, string file, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        var parts = file + ".objects";
        var objects = await DownloadFolderAsync(store, address, parts, progress, cancellation);
        var staged = file + ".joined";
        await using (var target = VaultFiles.Create(staged, file))
        {
            foreach (var (_, path) in objects)
            {
                await AppendAsync(path, target, cancellation);
            }
        }

        File.Move(staged, file, overwrite: true);
        Delete(parts);
        return [.. objects.Select(found => found.Address)];
    }

    /// <summary>Downloads an object, or all objects under a prefix, into a folder, under the names that their keys have below it.</summary>
    /// <inheritdoc cref="DownloadAsync"/>
    public static async Task<IReadOnlyList<(S3Address Address, string Path)>> DownloadFolderAsync(
        S3Store store, S3Address address, string folder, Action<long, long>? progress = null, CancellationToken cancellation = default)
    {
        var entries = await FindAsync(store, address, cancellation);
        var total = entries.Sum(entry => entry.Bytes);
        var done = 0L;
        var downloaded = new List<(S3Address, string)>();
        var versions = ReadVersions(folder);
        foreach (var entry in entries)
        {
            var path = PathFor(entry.Key, address, folder);
            // An object that changed since an earlier call is fetched anew.
            if (!File.Exists(path) || versions.GetValueOrDefault(entry.Key) != entry.Version)
            {
                await store.DownloadAsync(address with { Key = entry.Key }, path, (bytes, _) => progress?.Invoke(done + bytes, total), cancellation);
                versions[entry.Key] = entry.Version;
                WriteVersions(folder, versions);
            }

            done += entry.Bytes;
            progress?.Invoke(done, total);
            downloaded.Add((address with { Key = entry.Key }, path));
        }

        return downloaded;
    }

    /// <summary>Deletes what <see cref="DownloadFolderAsync"/> wrote.</summary>
    public static void Delete(string folder)
    {
        Directory.Delete(folder, recursive: true);
        File.Delete(VersionsFile(folder));
    }

    /// <summary>Beside the folder, because keys may have any name in it.</summary>
    private static string VersionsFile(string folder) => folder + ".json";

    private static Dictionary<string, string?> ReadVersions(string folder)
    {
        try
        {
            return File.Exists(VersionsFile(folder)) ? JsonSerializer.Deserialize<Dictionary<string, string?>>(File.ReadAllText(VersionsFile(folder)))! : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static void WriteVersions(string folder, Dictionary<string, string?> versions)
    {
        Directory.CreateDirectory(folder);
        var written = VersionsFile(folder) + ".new";
        File.WriteAllText(written, JsonSerializer.Serialize(versions));
        File.Move(written, VersionsFile(folder), overwrite: true);
    }

    private static async Task<IReadOnlyList<S3Entry>> FindAsync(S3Store store, S3Address address, CancellationToken cancellation)
    {
        var found = await store.FindAsync(address, cancellation);
        // A key is also the beginning of other keys; only where there is no object of that very key is it a folder.
        var exact = found.Where(entry => entry.Key == address.Key).ToArray();
        IReadOnlyList<S3Entry> wanted = exact.Length > 0 ? exact : [.. found.Where(entry => address.IsPrefix || entry.Key.StartsWith(address.Key + "/", StringComparison.Ordinal))];
        return wanted.Count > 0 ? wanted : throw new UserInputException($"{address}: there is no such object, and nothing below it");
    }

    /// <summary>Keys may hold anything; the name on disk stays inside the folder.</summary>
    private static string PathFor(string key, S3Address address, string folder)
    {
        var below = key.Length > address.Key.Length ? key[address.Key.Length..].TrimStart('/') : key[(key.LastIndexOf('/') + 1)..];
        var safe = string.Join('/', below.Split('/').Select(part => part is "" or "." or ".." ? "_" : part.Replace('\0', '_').Replace('\\', '_')));
        return Path.GetFullPath(Path.Combine(folder, safe));
    }

    private static async Task AppendAsync(string path, Stream target, CancellationToken cancellation)
    {
        await using var source = DataFile.Open(path);
        var buffer = new byte[1 << 17];
        byte last = (byte)'\n';
        int read;
        while ((read = await ReadAsync(source, buffer, path, cancellation)) > 0)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            last = buffer[read - 1];
        }

        if (last != '\n')
        {
            target.WriteByte((byte)'\n');
        }
    }

    private static async Task<int> ReadAsync(Stream source, byte[] buffer, string path, CancellationToken cancellation)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new UserInputException($"{Path.GetFileName(path)}: the gzip data is damaged ({e.Message.ReplaceLineEndings(" ")}); compress the object again", e);
        }
    }
}
