using System.IO.Compression;

using Microsoft.AspNetCore.Http.Features;

using RftConsole.Training.Storage;

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

            if (Locked(files[0]) is { } locked)
            {
                return Results.Text(locked, statusCode: StatusCodes.Status423Locked);
            }

            // The end of a zip entry is written synchronously, a few bytes, also by the asynchronous archive of .NET 10.
            if (http.Features.Get<IHttpBodyControlFeature>() is { } body)
            {
                body.AllowSynchronousIO = true;
            }

            return Results.Stream(stream => WriteAsync(stream, files, cancellationToken), "application/zip", $"{model.Name}-adapter.zip");
        });

    /// <summary>Why a file cannot be read; null where it can.</summary>
    internal static string? Locked(string file)
    {
        try
        {
            VaultFiles.OpenRead(file).Dispose();
            return null;
        }
        catch (KeyUnavailableException unavailable)
        {
            return unavailable.Message;
        }
    }

    private static async Task WriteAsync(Stream response, string[] files, CancellationToken cancellationToken)
    {
        await using ZipArchive archive = await ZipArchive.CreateAsync(response, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        foreach (string file in files)
        {
            // Weights do not compress.
            ZipArchiveEntry entry = archive.CreateEntry(Path.GetFileName(file), CompressionLevel.NoCompression);
            await using Stream content = await entry.OpenAsync(cancellationToken);
            await using Stream source = VaultFiles.OpenRead(file);
            await source.CopyToAsync(content, cancellationToken);
        }
    }
}
