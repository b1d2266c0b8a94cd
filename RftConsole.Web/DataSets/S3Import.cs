using RftConsole.Training;
using RftConsole.Training.Datasets.S3;

namespace RftConsole.Web.DataSets;

/// <summary>Buckets as the wizard sees them.</summary>
public interface IS3Data
{
    /// <exception cref="UserInputException">S3 cannot be reached with the settings.</exception>
    Task<IReadOnlyList<string>> BucketsAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="BucketsAsync"/>
    Task<S3Listing> ListAsync(S3Address folder, CancellationToken cancellationToken = default);

    /// <summary>Makes a data set of an object, or of all objects under a prefix.</summary>
    /// <param name="address">An object or a prefix.</param>
    /// <param name="progress">Hears how many bytes of how many are there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">There is nothing there, or nothing of it can be trained on.</exception>
    Task<UploadedDataSet> ImportAsync(S3Address address, Action<long, long> progress, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IS3Data" />
internal sealed class S3Import(IDataSets dataSets, IS3Settings settings) : IS3Data
{
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
        using S3Store store = new(await settings.ConnectionAsync(cancellationToken));
        string last = Path.GetFileName(address.Key.TrimEnd('/'));
        string stem = last.Split('.', 2)[0];
        return await dataSets.ImportAsync(
            (stem.Length == 0 ? address.Bucket : stem) + DataSetFileName.Extension,
            (file, ending) => S3Records.DownloadAsync(store, address, file, progress, ending),
            cancellationToken);
    }
}
