using System.Security.Cryptography;
using System.Text;

using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Storage;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Invocation logs as training data.</summary>
public interface IInvocationLogs
{
    /// <summary>What would become of logs; nothing is kept.</summary>
    /// <exception cref="UserInputException">The logs or the filter cannot be used.</exception>
    Task<InvocationLogReport> PreviewAsync(string path, InvocationLogOptions options, CancellationToken cancellationToken = default);

    /// <summary>Makes a data set of logs.</summary>
    /// <param name="path">A file or folder of this machine, or an object or prefix of S3.</param>
    /// <param name="name">What the data set is called; null takes the path's last part.</param>
    /// <param name="options">What is taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The logs or the filter cannot be used, or nothing of them can be trained on.</exception>
    Task<UploadedDataSet> ImportAsync(string path, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IInvocationLogs" />
internal sealed class InvocationLogImport(IDataSets dataSets, IS3Settings s3, IEncryptionKeys keys, DataFolder folder) : IInvocationLogs
{
    private const int Shown = 3;

    public async Task<InvocationLogReport> PreviewAsync(string path, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        string local = await FetchAsync(path, cancellationToken);
        string staged = folder.UploadFolder(NewId.Create());
        try
        {
            await SealAsync(staged, cancellationToken);
            return await Task.Run(() => InvocationLogConverter.Convert(local, Path.Combine(staged, "preview.jsonl"), options, Shown, cancellationToken), cancellationToken);
        }
        finally
        {
            SealedFolders.Close(staged);
            DataSetFiles.DeleteFolder(staged);
        }
    }

    public async Task<UploadedDataSet> ImportAsync(string path, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        string local = await FetchAsync(path, cancellationToken);
        if (await keys.DefaultAsync(cancellationToken) is null && (VaultFiles.IsEncrypted(local) || VaultFiles.IsEncrypted(Path.Combine(local, "any"))))
        {
            throw new UserInputException("Logs: these are encrypted, and a data set made of them would not be; choose a default key in Settings, under Encryption keys.");
        }

        string last = Path.GetFileName((name ?? path).TrimEnd('/', '\\'));
        string stem = last.Split('.', 2)[0];
        UploadedDataSet added = await dataSets.ImportAsync(
            (stem.Length == 0 ? "invocation-logs" : stem) + DataSetFileName.Extension,
            (file, ending) =>
            {
                InvocationLogConverter.Convert(local, file, options, cancellation: ending);
                return Task.CompletedTask;
            },
            cancellationToken);
        if (local != path)
        {
            SealedFolders.Close(local);
            S3Records.Delete(local);
        }

        return added;
    }

    /// <summary>The path itself, or where the objects of an address of S3 are by now; those that are here already, as after a preview, are not fetched again.</summary>
    private async Task<string> FetchAsync(string path, CancellationToken cancellationToken)
    {
        if (!S3Address.IsAddress(path))
        {
            return path;
        }

        S3Address address = S3Address.Parse(path, "Logs");
        string local = folder.UploadFolder("logs-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.ToString())))[..24]);
        await SealAsync(local, cancellationToken);
        using S3Store store = new(await s3.ConnectionAsync(cancellationToken));
        await Task.Run(() => S3Records.DownloadFolderAsync(store, address, local, cancellation: cancellationToken), cancellationToken);
        return local;
    }

    /// <summary>Where new data sets are encrypted, what is on its way to one is so too.</summary>
    private async Task SealAsync(string passing, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(passing) && await keys.DefaultAsync(cancellationToken) is not null)
        {
            SealedFolders.CreatePassing(passing);
        }
    }
}
