using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Storage;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>An import that was cut off: by a lost connection, by the page's end, or with the console.</summary>
/// <param name="Id">Of the import.</param>
/// <param name="Address">What is imported.</param>
/// <param name="Bytes">How much of it is here.</param>
/// <param name="Total">How much it is.</param>
public sealed record UnfinishedImport(string Id, string Address, long Bytes, long Total);

/// <summary>Buckets as the wizard sees them.</summary>
public interface IS3Data
{
    /// <exception cref="UserInputException">S3 cannot be reached with the settings.</exception>
    Task<IReadOnlyList<string>> BucketsAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="BucketsAsync"/>
    Task<S3Listing> ListAsync(S3Address folder, CancellationToken cancellationToken = default);

    /// <summary>Makes a data set of an object, or of all objects under a prefix. Cut off, the next call for the same address goes on where this one stood.</summary>
    /// <param name="address">An object or a prefix.</param>
    /// <param name="progress">Hears how many bytes of how many are there.</param>
    /// <param name="cancellationToken">Ends it; what has arrived stays.</param>
    /// <exception cref="UserInputException">There is nothing there, nothing of it can be trained on, or it is on its way already.</exception>
    Task<UploadedDataSet> ImportAsync(S3Address address, Action<long, long> progress, CancellationToken cancellationToken = default);

    /// <summary>Imports that were cut off and can go on.</summary>
    IReadOnlyList<UnfinishedImport> Unfinished();

    /// <summary>Forgets an import and what has arrived of it.</summary>
    void Discard(string importId);
}

/// <inheritdoc cref="IS3Data" />
internal sealed class S3Import(IDataSets dataSets, IS3Settings settings, EncryptionKeys keys, DataFolder folder) : IS3Data
{
    private const string StateFile = "import.json";

    private readonly ConcurrentDictionary<string, bool> _running = [];

    public async Task<IReadOnlyList<string>> BucketsAsync(CancellationToken cancellationToken = default)
    {
        using S3Store store = new(await settings.ConnectionAsync(cancellationToken));
        return await store.BucketsAsync(cancellationToken);
    }

    public async Task<S3Listing> ListAsync(S3Address folder, CancellationToken cancellationToken = default)
    {
        using S3Store store = new(await settings.ConnectionAsync(cancellationToken));
        return await store.ListAsync(folder, cancellationToken);
    }

    public async Task<UploadedDataSet> ImportAsync(S3Address address, Action<long, long> progress, CancellationToken cancellationToken = default)
    {
        S3Connection connection = await settings.ConnectionAsync(cancellationToken);
        string id = IdOf(address, connection);
        if (!_running.TryAdd(id, true))
        {
            throw new UserInputException($"{address} is being imported already.");
        }

        try
        {
            using S3Store store = new(connection);
            string staging = folder.ImportFolder(id);
            string last = Path.GetFileName(address.Key.TrimEnd('/'));
            string stem = last.Split('.', 2)[0];
            return await dataSets.ImportAsync(
                (stem.Length == 0 ? address.Bucket : stem) + DataSetFileName.Extension,
                async (file, ending) =>
                {
                    await keys.PrepareAsync(staging, ending);
                    await DownloadAsync(store, address, staging, file, progress, ending);
                },
                cancellationToken);
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    public IReadOnlyList<UnfinishedImport> Unfinished()
    {
        string all = Path.GetDirectoryName(folder.ImportFolder("x"))!;
        return !Directory.Exists(all) ? [] : [.. Directory.GetDirectories(all).Select(path => Read(path)).OfType<UnfinishedImport>().Where(import => !_running.ContainsKey(import.Id)).OrderBy(import => import.Address, StringComparer.Ordinal)];
    }

    public void Discard(string importId)
    {
        if (!_running.ContainsKey(importId) && Unfinished().Any(import => import.Id == importId))
        {
            Directory.Delete(folder.ImportFolder(importId), recursive: true);
        }
    }

    private static async Task DownloadAsync(S3Store store, S3Address address, string staging, string file, Action<long, long> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(staging);
        string downloaded = Path.Combine(staging, "records.jsonl");
        try
        {
            await S3Records.DownloadAsync(store, address, downloaded, Tell, cancellationToken);
        }
        catch (UserInputException) when (!HasAnything(staging))
        {
            // Nothing came, so there is nothing to go on from.
            Directory.Delete(staging, recursive: true);
            throw;
        }

        VaultFiles.Move(downloaded, file);
        SealedFolders.Destroy(staging);
        Directory.Delete(staging, recursive: true);

        void Tell(long bytes, long total)
        {
            Write(staging, new(Path.GetFileName(staging), address.ToString(), bytes, total));
            progress(bytes, total);
        }
    }

    private static bool HasAnything(string staging) => File.Exists(Path.Combine(staging, StateFile));

    private static void Write(string staging, UnfinishedImport state)
    {
        // In one step: a console that is killed here must not leave half of it.
        string written = Path.Combine(staging, StateFile + ".new");
        File.WriteAllText(written, JsonSerializer.Serialize(state));
        File.Move(written, Path.Combine(staging, StateFile), overwrite: true);
    }

    private static UnfinishedImport? Read(string staging)
    {
        string file = Path.Combine(staging, StateFile);
        return File.Exists(file) ? JsonSerializer.Deserialize<UnfinishedImport>(File.ReadAllText(file)) : null;
    }

    /// <summary>The same for the same address of the same store.</summary>
    private static string IdOf(S3Address address, S3Connection connection) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{connection.Endpoint} {connection.Region} {address}")))[..24];
}
