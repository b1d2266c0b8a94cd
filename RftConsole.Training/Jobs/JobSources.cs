using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Network;

namespace RftConsole.Training.Jobs;

/// <summary>Brings what a job reads from elsewhere into its folder, once: a resumed job must train on what it began with.</summary>
/// <param name="folder">The job's folder.</param>
/// <param name="s3">How S3 is reached; null takes the environment's variables.</param>
/// <param name="network">The gate of its calls.</param>
/// <param name="onEvent">Hears what was fetched and what could not be used.</param>
internal sealed class JobSources(JobFolder folder, S3Connection? s3, OutboundPolicy network, Func<JobEvent, ValueTask> onEvent)
{
    /// <summary>Skipped lines that are told one by one.</summary>
    private const int MostTold = 20;

    /// <summary>The specification with every source as a file.</summary>
    /// <param name="job">As its author wrote it.</param>
    /// <param name="cancellation">Ends the work; the next run goes on where a download stood.</param>
    /// <exception cref="UserInputException">A source is missing, or nothing of it can be used.</exception>
    public async Task<JobSpecification> FetchAsync(JobSpecification job, CancellationToken cancellation)
    {
        string file = folder.TrainingData;
        switch (job.TrainingData)
        {
            case { InvocationLogs: { } logs, File: null, SampleData: null, S3Uri: null }:
                if (!File.Exists(file))
                {
                    await ConvertAsync(logs, file, cancellation);
                }

                break;
            case { S3Uri: { } uri, File: null, SampleData: null, InvocationLogs: null }:
                if (!File.Exists(file))
                {
                    await DownloadAsync(uri, file, cancellation);
                }

                break;
            default:
                return job;
        }

        return job with { TrainingData = new() { File = file } };
    }

    private async Task DownloadAsync(string uri, string file, CancellationToken cancellation)
    {
        var address = S3Address.Parse(uri, "trainingData.s3Uri");
        var objects = await NamedAsync("trainingData.s3Uri", async () =>
        {
            using var store = Store();
            return await S3Records.DownloadAsync(store, address, file, cancellation: cancellation);
        });
        await onEvent(new JobLog($"Downloaded {string.Join(", ", objects.Take(5))}{(objects.Count > 5 ? $" and {objects.Count - 5} more objects" : "")}."));
    }

    private async Task ConvertAsync(InvocationLogSource logs, string file, CancellationToken cancellation)
    {
        const string Field = "trainingData.invocationLogs";
        logs.RequestMetadataFilters?.Check($"{Field}.requestMetadataFilters");
        string path = logs.Path;
        if (S3Address.IsAddress(path))
        {
            path = file + ".logs";
            var address = S3Address.Parse(logs.Path, $"{Field}.path");
            await NamedAsync(Field, async () =>
            {
                using var store = Store();
                return await S3Records.DownloadFolderAsync(store, address, path, cancellation: cancellation);
            });
        }

        var report = await NamedAsync(Field, () => Task.Run(() => InvocationLogConverter.Convert(path, file, new(logs.UsePromptResponse, logs.RequestMetadataFilters), cancellation: cancellation), cancellation));
        if (path != logs.Path)
        {
            S3Records.Delete(path);
        }

        string left = report.Filtered > 0 ? $", {report.Filtered} left out by the filter" : "";
        if (report.Converted == 0)
        {
            File.Delete(file);
            string first = report.Skipped.Count > 0 ? $"; {report.Skipped[0].File}, line {report.Skipped[0].Line}: {report.Skipped[0].Reason}" : "";
            throw new UserInputException($"{Field}: {logs.Path} holds no record that can be trained on ({report.Skipped.Count} skipped{left}){first}");
        }

        await TellAsync(report, left);
    }

    private async Task TellAsync(InvocationLogReport report, string left)
    {
        await onEvent(new JobLog($"{report.Converted} invocation-log records became training records, {report.Skipped.Count} were skipped{left}."));
        foreach (var line in report.Skipped.Take(MostTold))
        {
            await onEvent(new JobWarning("data-skipped", $"{line.File}, line {line.Line}: {line.Reason}"));
        }

        if (report.Skipped.Count > MostTold)
        {
            await onEvent(new JobWarning("data-skipped", $"{report.Skipped.Count - MostTold} further log lines were skipped."));
        }
    }

    private S3Store Store() => new(s3 ?? S3Connection.FromEnvironment(Environment.GetEnvironmentVariable), network);

    private static async Task<T> NamedAsync<T>(string field, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (UserInputException e)
        {
            throw new UserInputException($"{field}: {e.Message}", e);
        }
    }
}
