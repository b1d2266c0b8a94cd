using System.Security.Cryptography;
using System.Text;

using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Storage;
using RftConsole.Web.Inference;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Invocation logs as training data.</summary>
public interface IInvocationLogs
{
    /// <summary>The console's own logs: one for each deployment that has logged calls or is about to.</summary>
    Task<IReadOnlyList<DeploymentLog>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>What would become of logs; nothing is kept.</summary>
    /// <exception cref="UserInputException">The logs or the filter cannot be used.</exception>
    Task<InvocationLogReport> PreviewAsync(LogSource source, InvocationLogOptions options, CancellationToken cancellationToken = default);

    /// <summary>Makes a data set of logs.</summary>
    /// <param name="source">Where they are.</param>
    /// <param name="name">What the data set is called; null takes the name of the deployment, or the path's last part.</param>
    /// <param name="options">What is taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The logs or the filter cannot be used, or nothing of them can be trained on.</exception>
    Task<UploadedDataSet> ImportAsync(LogSource source, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IInvocationLogs" />
internal sealed class InvocationLogImport(IDataSets dataSets, IDeployments deployments, IS3Settings s3, IEncryptionKeys keys, DataFolder folder) : IInvocationLogs
{
    private const int Shown = 3;
    private const string DefaultName = "invocation-logs";

    public async Task<IReadOnlyList<DeploymentLog>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await deployments.ListAsync(cancellationToken)).Select(Describe).Where(log => log.IsOn || log.Days.Count > 0)];

    public async Task<InvocationLogReport> PreviewAsync(LogSource source, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        options.Check();
        IReadOnlyList<InvocationLogInput> inputs = await FetchAsync(source, cancellationToken);
        string staged = folder.UploadFolder(NewId.Create());
        try
        {
            await SealAsync(staged, cancellationToken);
            return await Task.Run(() => InvocationLogConverter.Convert(inputs, Path.Combine(staged, "preview.jsonl"), options, Shown, cancellationToken), cancellationToken);
        }
        finally
        {
            SealedFolders.Close(staged);
            DataSetFiles.DeleteFolder(staged);
        }
    }

    public async Task<UploadedDataSet> ImportAsync(LogSource source, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        options.Check();
        IReadOnlyList<InvocationLogInput> inputs = await FetchAsync(source, cancellationToken);
        if (await keys.DefaultAsync(cancellationToken) is null && inputs.Any(input => VaultFiles.IsEncrypted(input.Path) || VaultFiles.IsEncrypted(Path.Combine(input.Path, "any"))))
        {
            throw new UserInputException("Logs: these are encrypted, and a data set made of them would not be; choose a default key in Settings, under Encryption keys.");
        }

        UploadedDataSet added = await dataSets.ImportAsync(
            (name is null ? NameOf(source, inputs) : Stem(name)) + DataSetFileName.Extension,
            (file, ending) =>
            {
                InvocationLogConverter.Convert(inputs, file, options, cancellation: ending);
                return Task.CompletedTask;
            },
            cancellationToken);
        if (source.Path is not null && inputs[0].Path != source.Path)
        {
            SealedFolders.Close(inputs[0].Path);
            S3Records.Delete(inputs[0].Path);
        }

        return added;
    }

    private static string NameOf(LogSource source, IReadOnlyList<InvocationLogInput> inputs) =>
        source.Path is { } path ? Stem(path) : inputs is [var only] ? only.Name! : DefaultName;

    /// <summary>A path's last part up to its first dot.</summary>
    private static string Stem(string path) => Path.GetFileName(path.TrimEnd('/', '\\')).Split('.', 2)[0] is { Length: > 0 } stem ? stem : DefaultName;

    private DeploymentLog Describe(Deployment deployment)
    {
        DirectoryInfo logs = new(folder.InvocationLogFolder(deployment.Id));
        (DateOnly Day, long Bytes)[] days =
        [
            .. (logs.Exists ? logs.EnumerateFiles() : []).Select(file => (Day: InvocationLog.DayOf(file.Name), file.Length)).Where(file => file.Day is not null).Select(file => (file.Day!.Value, file.Length)).Order(),
        ];
        return new(deployment.Id, deployment.Name, deployment.InvocationLogging, [.. days.Select(day => day.Day)], days.Sum(day => day.Bytes));
    }

    /// <summary>Where the logs are on this machine.</summary>
    private async Task<IReadOnlyList<InvocationLogInput>> FetchAsync(LogSource source, CancellationToken cancellationToken)
    {
        if (source.Path is { } path)
        {
            return [new(S3Address.IsAddress(path) ? await DownloadAsync(path, cancellationToken) : path)];
        }

        if (source.DeploymentIds.Count == 0)
        {
            throw new UserInputException("Logs: choose at least one deployment.");
        }

        List<InvocationLogInput> inputs = [];
        foreach (string id in source.DeploymentIds)
        {
            Deployment deployment = await deployments.FindAsync(id, cancellationToken) ?? throw new UserInputException($"Logs: there is no deployment with the id {id}; it may have been deleted.");
            inputs.Add(Describe(deployment).Days.Count > 0
                ? new(folder.InvocationLogFolder(id), deployment.Name)
                : throw new UserInputException($"Logs: {deployment.Name} has logged no call yet."));
        }

        return inputs;
    }

    /// <summary>Where the objects of an address of S3 are by now; those that are here already, as after a preview, are not fetched again.</summary>
    private async Task<string> DownloadAsync(string path, CancellationToken cancellationToken)
    {
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
