using RftConsole.Training.Datasets.InvocationLogs;

namespace RftConsole.Training.Jobs;

/// <summary>Brings what a job reads from elsewhere into its folder, once: a resumed job must train on what it began with.</summary>
internal static class JobSources
{
    /// <summary>Skipped lines that are told one by one.</summary>
    private const int MostTold = 20;

    /// <summary>The specification with every source as a file.</summary>
    /// <param name="job">As its author wrote it.</param>
    /// <param name="folder">The job's folder.</param>
    /// <param name="onEvent">Hears what could not be used.</param>
    /// <param name="cancellation">Ends the work; nothing half done stays.</param>
    /// <exception cref="UserInputException">A source is missing, or nothing of it can be used.</exception>
    public static async Task<JobSpecification> FetchAsync(JobSpecification job, JobFolder folder, Func<JobEvent, ValueTask> onEvent, CancellationToken cancellation)
    {
        if (job.TrainingData is not { InvocationLogs: { } logs, File: null, SampleData: null })
        {
            return job;
        }

        string file = folder.TrainingData;
        if (!File.Exists(file))
        {
            await ConvertAsync(logs, file, onEvent, cancellation);
        }

        return job with { TrainingData = new() { File = file } };
    }

    private static async Task ConvertAsync(InvocationLogSource logs, string file, Func<JobEvent, ValueTask> onEvent, CancellationToken cancellation)
    {
        logs.RequestMetadataFilters?.Check("trainingData.invocationLogs.requestMetadataFilters");
        InvocationLogReport report;
        try
        {
            report = await Task.Run(() => InvocationLogConverter.Convert(logs.Path, file, new(logs.UsePromptResponse, logs.RequestMetadataFilters), cancellation: cancellation), cancellation);
        }
        catch (UserInputException e)
        {
            throw new UserInputException($"trainingData.invocationLogs: {e.Message}", e);
        }

        string left = report.Filtered > 0 ? $", {report.Filtered} left out by the filter" : "";
        if (report.Converted == 0)
        {
            File.Delete(file);
            string first = report.Skipped.Count > 0 ? $"; {report.Skipped[0].File}, line {report.Skipped[0].Line}: {report.Skipped[0].Reason}" : "";
            throw new UserInputException($"trainingData.invocationLogs: {logs.Path} holds no record that can be trained on ({report.Skipped.Count} skipped{left}){first}");
        }

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
}
