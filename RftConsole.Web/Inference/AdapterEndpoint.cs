using System.IO.Compression;

using Microsoft.AspNetCore.Http.Features;

namespace RftConsole.Web.Inference;

/// <summary>The download of a model's adapter in PEFT form.</summary>
internal static class AdapterEndpoint
{
    public static void MapAdapterDownload(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/models/{id}/adapter.zip", async (string id, ICustomModels models, HttpContext http, CancellationToken cancellationToken) =>
        {
            CustomModel? model = await models.FindAsync(id, cancellationToken);
            string[] files = model is null ? [] : [.. ModelArchive.AdapterFiles.Select(name => Path.Combine(model.AdapterFolder, name)).Where(File.Exists)];
            if (model is null || files.Length == 0)
            {
                return Results.NotFound();
            }

            // The end of a zip entry is written synchronously, a few bytes, also by the asynchronous archive of .NET 10.
            if (http.Features.Get<IHttpBodyControlFeature>() is { } body)
            {
                body.AllowSynchronousIO = true;
            }

            return Results.Stream(stream => WriteAsync(stream, files, cancellationToken), "application/zip", $"{model.Name}-adapter.zip");
        });

    private static async Task WriteAsync(Stream response, string[] files, CancellationToken cancellationToken)
    {
        await using ZipArchive archive = await ZipArchive.CreateAsync(response, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        foreach (string file in files)
        {
            // Weights do not compress.
            ZipArchiveEntry entry = archive.CreateEntry(Path.GetFileName(file), CompressionLevel.NoCompression);
            await using Stream content = await entry.OpenAsync(cancellationToken);
            await using FileStream source = File.OpenRead(file);
            await source.CopyToAsync(content, cancellationToken);
        }
    }
}
