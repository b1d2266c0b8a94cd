using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Invocation logs as training data.</summary>
public interface IInvocationLogs
{
    /// <summary>What would become of logs; nothing is kept.</summary>
    /// <exception cref="UserInputException">The logs or the filter cannot be used.</exception>
    Task<InvocationLogReport> PreviewAsync(string path, InvocationLogOptions options, CancellationToken cancellationToken = default);

    /// <summary>Makes a data set of logs.</summary>
    /// <param name="path">A file or folder of this machine.</param>
    /// <param name="name">What the data set is called; null takes the path's last part.</param>
    /// <param name="options">What is taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The logs or the filter cannot be used, or nothing of them can be trained on.</exception>
    Task<UploadedDataSet> ImportAsync(string path, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IInvocationLogs" />
internal sealed class InvocationLogImport(IDataSets dataSets, DataFolder folder) : IInvocationLogs
{
    private const int Shown = 3;

    public async Task<InvocationLogReport> PreviewAsync(string path, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        string staged = folder.UploadFolder(NewId.Create());
        try
        {
            return await Task.Run(() => InvocationLogConverter.Convert(path, Path.Combine(staged, "preview.jsonl"), options, Shown, cancellationToken), cancellationToken);
        }
        finally
        {
            if (Directory.Exists(staged))
            {
                Directory.Delete(staged, recursive: true);
            }
        }
    }

    public Task<UploadedDataSet> ImportAsync(string path, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        string last = Path.GetFileName((name ?? path).TrimEnd('/', '\\'));
        string stem = last.Split('.', 2)[0];
        return dataSets.ImportAsync(
            (stem.Length == 0 ? "invocation-logs" : stem) + DataSetFileName.Extension,
            (file, ending) =>
            {
                InvocationLogConverter.Convert(path, file, options, cancellation: ending);
                return Task.CompletedTask;
            },
            cancellationToken);
    }
}
