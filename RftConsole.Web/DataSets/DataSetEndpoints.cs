using RftConsole.Training.Starter;
using RftConsole.Training.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>Download of data sets.</summary>
internal static class DataSetEndpoints
{
    private const string ContentType = "application/jsonl";

    /// <summary>The training records of a sample task; of an own data set the current version, or the one that the query names.</summary>
    public static void MapDataSets(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/datasets/{id}/file", async (string id, int? version, IDataSets dataSets, CancellationToken cancellationToken) =>
            await (version is { } number ? dataSets.FindVersionAsync(id, number, cancellationToken) : dataSets.FindAsync(id, cancellationToken)) is { } dataSet && File.Exists(dataSet.File)
                ? Send(dataSet)
                : Results.NotFound());
        endpoints.MapGet("/datasets/samples/{name}/file", (string name) =>
            SampleDataSets.All.FirstOrDefault(set => set.Name == name) is { } sample && File.Exists(sample.TrainingFile)
                ? Results.File(sample.TrainingFile, ContentType, $"{sample.Name}.jsonl", enableRangeProcessing: true)
                : Results.NotFound());
    }

    /// <summary>Decrypted on its way, where it is encrypted.</summary>
    private static IResult Send(UploadedDataSet dataSet)
    {
        try
        {
            return Results.Stream(VaultFiles.OpenRead(dataSet.File), ContentType, dataSet.Name, enableRangeProcessing: true);
        }
        catch (KeyUnavailableException locked)
        {
            return Results.Text(locked.Message, statusCode: StatusCodes.Status423Locked);
        }
    }
}
