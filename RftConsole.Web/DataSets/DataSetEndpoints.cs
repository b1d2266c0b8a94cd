namespace RftConsole.Web.DataSets;

/// <summary>Download of data sets.</summary>
internal static class DataSetEndpoints
{
    public static void MapDataSets(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/datasets/{id}/file", async (string id, IDataSets dataSets, CancellationToken cancellationToken) =>
            await dataSets.FindAsync(id, cancellationToken) is { } dataSet && File.Exists(dataSet.File)
                ? Results.File(dataSet.File, "application/jsonl", dataSet.Name, enableRangeProcessing: true)
                : Results.NotFound());
}
