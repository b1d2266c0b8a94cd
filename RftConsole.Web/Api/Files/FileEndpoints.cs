using System.IO.Compression;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

using RftConsole.Training;
using RftConsole.Training.Storage;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Api.Files;

/// <summary>A file, which is a data set of the library.</summary>
public sealed record FileObject(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("filename")] string Filename,
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("status_details")] string? StatusDetails,
    [property: JsonPropertyName("expires_at")] long? ExpiresAt);

/// <summary>The fields of an upload.</summary>
/// <param name="Purpose">Always <c>fine-tune</c>.</param>
/// <param name="File">Training records, JSON Lines, plain or gzip.</param>
public sealed record UploadBody([property: JsonPropertyName("purpose")] string Purpose, [property: JsonPropertyName("file")] IFormFile File);

/// <summary>A file has been deleted.</summary>
public sealed record DeletedObject(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("deleted")] bool Deleted);

/// <summary>Files of training records: the data sets of the library.</summary>
internal static class FileEndpoints
{
    private const string FineTune = "fine-tune";
    private const int MostPurposeBytes = 256;

    private static readonly string[] s_endings = [".jsonl", ".jsonl.gz", ".json", ".ndjson"];

    public static void MapFiles(this ApiRoutes routes)
    {
        // The server's own limit would end the connection without a word; the store counts and explains.
        routes.Post("/files", ApiScopes.FineTuningWrite, UploadAsync, "Uploads training records; the file is a data set of the library.")
            .WithMetadata(new DisableRequestSizeLimitAttribute()).WithMetadata(new ApiRequestBody(typeof(UploadBody), "multipart/form-data")).Produces<FileObject>();
        routes.Get("/files", ApiScopes.FineTuningRead, ListAsync, "Lists files, newest first.").Produces<ListReply<FileObject>>();
        routes.Get("/files/{id}", ApiScopes.FineTuningRead, async (string id, IDataSets files, CancellationToken cancellationToken) => Results.Json(ToObject(await RequireAsync(id, files, cancellationToken)), ApiJson.Options), "One file.").Produces<FileObject>();
        routes.Get("/files/{id}/content", ApiScopes.FineTuningRead, ContentAsync, "The records of a file.").Produces(StatusCodes.Status200OK, contentType: "application/jsonl");
        routes.Delete("/files/{id}", ApiScopes.FineTuningWrite, DeleteAsync, "Deletes a file; jobs have copies of their own.").Produces<DeletedObject>();
    }

    private static async Task<IResult> ListAsync(HttpContext http, IDataSets files)
    {
        string? purpose = http.Request.Query["purpose"];
        FileObject[] all = string.IsNullOrEmpty(purpose) || purpose == FineTune ? [.. (await files.ListAsync(http.RequestAborted)).Select(ToObject)] : [];
        if (http.Request.Query["order"] == "asc")
        {
            Array.Reverse(all);
        }

        return Results.Json(ApiPage.Of(http.Request, limit: 1000).Take(all, file => file.Id), ApiJson.Options);
    }

    private static async Task<IResult> ContentAsync(string id, IDataSets files, CancellationToken cancellationToken)
    {
        UploadedDataSet file = await RequireAsync(id, files, cancellationToken);
        return File.Exists(file.File) ? Results.Stream(VaultFiles.OpenRead(file.File), "application/jsonl", file.Name, enableRangeProcessing: true) : throw ApiException.NotFound("file", id);
    }

    private static async Task<IResult> DeleteAsync(string id, IDataSets files, CancellationToken cancellationToken)
    {
        await RequireAsync(id, files, cancellationToken);
        await files.DeleteAsync(id, cancellationToken);
        return Results.Json(new DeletedObject(id, "file", true), ApiJson.Options);
    }

    private static async Task<IResult> UploadAsync(HttpContext http, IDataSets files, IdempotentReplies replies)
    {
        string id = await replies.OnceAsync(http, ReadOnlyMemory<byte>.Empty, async () => (await ReadFormAsync(http.Request, files, http.RequestAborted)).Id);
        return Results.Json(ToObject(await RequireAsync(id, files, http.RequestAborted)), ApiJson.Options);
    }

    /// <summary>Clients send the fields in any order; the file goes into the library as it comes, and out again where the purpose is wrong.</summary>
    private static async Task<UploadedDataSet> ReadFormAsync(HttpRequest request, IDataSets files, CancellationToken cancellationToken)
    {
        string? boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        if (string.IsNullOrWhiteSpace(boundary) || boundary.Length > 200)
        {
            throw ApiException.Invalid(null, "Send the file as multipart/form-data with the fields 'purpose' and 'file'.");
        }

        UploadedDataSet? added = null;
        string? purpose = null;
        try
        {
            MultipartReader reader = new(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                ContentDispositionHeaderValue? disposition = section.GetContentDispositionHeader();
                string? name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).Value;
                if (name == "purpose")
                {
                    purpose = await PurposeAsync(section.Body, cancellationToken);
                }
                else if (name == "file")
                {
                    if (added is not null)
                    {
                        throw ApiException.Invalid("file", "'file' stands twice; send one file a call.");
                    }

                    string given = (disposition!.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value ?? "";
                    added = await AddAsync(given, section.Body, files, cancellationToken);
                }
            }

            if (purpose is null)
            {
                throw ApiException.Invalid("purpose", "'purpose' is missing; set it to 'fine-tune'.", "missing_required_parameter");
            }

            return added ?? throw ApiException.Invalid("file", "'file' is missing.", "missing_required_parameter");
        }
        catch (Exception problem)
        {
            if (added is not null)
            {
                await files.DeleteAsync(added.Id, CancellationToken.None);
            }

            throw problem is InvalidDataException or IOException && !cancellationToken.IsCancellationRequested
                ? ApiException.Invalid(null, "The body is no whole multipart/form-data.")
                : problem;
        }
    }

    private static async Task<string> PurposeAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MostPurposeBytes];
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        string purpose = System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, read)).Trim();
        return purpose == FineTune ? purpose : throw ApiException.Invalid("purpose", $"'{ApiException.Shorten(purpose)}' is no purpose of files here; the only one is '{FineTune}'.", "invalid_value");
    }

    private static async Task<UploadedDataSet> AddAsync(string given, Stream body, IDataSets files, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream? unpacked = given.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(body, CompressionMode.Decompress) : null;
            return await files.AddAsync(NameOf(given), unpacked ?? body, cancellationToken);
        }
        catch (DataSetRefusedException refused)
        {
            string first = refused.Rejected.Count > 0 ? $" Line {refused.Rejected[0].Line}: {refused.Rejected[0].Reason}." : "";
            throw ApiException.Invalid("file", refused.Message + first, "invalid_file");
        }
        catch (UserInputException refused) when (refused is not DataSetTooLargeException)
        {
            throw ApiException.Invalid("file", refused.Message, "invalid_file");
        }
    }

    /// <summary>Clients that send bytes name them anyhow; what is in the file decides.</summary>
    private static string NameOf(string given) => s_endings.Any(ending => given.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ? given : given + ".jsonl";

    private static async Task<UploadedDataSet> RequireAsync(string id, IDataSets files, CancellationToken cancellationToken) =>
        await files.FindAsync(id, cancellationToken) ?? throw ApiException.NotFound("file", id, "file_id");

    private static FileObject ToObject(UploadedDataSet file) => new(file.Id, "file", file.Bytes, file.CreatedAt.ToUnixTimeSeconds(), file.Name, FineTune, "processed", null, null);
}
