using RftConsole.Training.Storage;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>Downloads of a job's artefacts.</summary>
internal static class JobFileEndpoints
{
    /// <summary>The only names that are served; none is ever joined to a path from the request.</summary>
    private static readonly Dictionary<string, string> s_files = new(StringComparer.Ordinal)
    {
        ["job.json"] = "application/json",
        ["metrics.jsonl"] = "application/jsonl",
        ["rollouts.jsonl"] = "application/jsonl",
        ["step_wise_training_metrics.csv"] = "text/csv",
        ["validation_metrics.csv"] = "text/csv",
    };

    public static void MapJobFiles(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/jobs/{id}/files/{name}", async (string id, string name, IJobs jobs, DataFolder folder, CancellationToken cancellationToken) =>
        {
            // The id is one that the database knows, so it is one that the console made.
            if (!s_files.TryGetValue(name, out string? type) || await jobs.FindAsync(id, cancellationToken) is not { } job)
            {
                return Results.NotFound();
            }

            string path = Path.Combine(folder.JobFolder(job.Summary.Id), name);
            if (!File.Exists(path))
            {
                return Results.NotFound();
            }

            // A running job appends to these files: what is there now is sent.
            try
            {
                return Results.File(new FixedLengthStream(VaultFiles.OpenRead(path)), type, $"{job.Summary.Name}-{name}");
            }
            catch (KeyUnavailableException locked)
            {
                return Results.Text(locked.Message, statusCode: StatusCodes.Status423Locked);
            }
        });
}
