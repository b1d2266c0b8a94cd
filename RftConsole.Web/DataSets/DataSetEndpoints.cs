namespace RftConsole.Web.DataSets;

/// <summary>Download of data sets.</summary>
internal static class DataSetEndpoints
{
    /// <summary>The current version, or the one that the query names.</summary>
    public static void MapDataSets(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/datasets/{id}/file", async (string id, int? version, IDataSets dataSets, CancellationToken cancellationToken) =>
            await (version is { } number ? dataSets.FindVersionAsync(id, number, cancellationToken) : dataSets.FindAsync(id, cancellationToken)) is { } dataSet && File.Exists(dataSet.File)
                ? Results.File(dataSet.File, "application/jsonl", dataSet.Name, enableRangeProcessing: true)
                : Results.NotFound());
}
