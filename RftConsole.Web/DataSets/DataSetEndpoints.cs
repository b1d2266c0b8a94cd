using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

using RftConsole.Training;
using RftConsole.Training.Datasets;

namespace RftConsole.Web.DataSets;

/// <summary>Upload and download of data sets, as streams: the page's web socket is no way for large files.</summary>
internal static class DataSetEndpoints
{
    /// <summary>The address that takes a file as the request's body, with its name in the query.</summary>
    public const string UploadAddress = "/datasets/files";

    /// <summary>The header that carries the page's antiforgery token.</summary>
    public const string TokenHeader = "RequestVerificationToken";

    /// <summary>Rejected lines of a refused file that the page is told of.</summary>
    private const int MostRejected = 20;

    public static void MapDataSets(this IEndpointRouteBuilder endpoints)
    {
        // The server's own limit would end the connection without a word to the user; the service counts and explains.
        endpoints.MapPost(UploadAddress, UploadAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
        endpoints.MapGet("/datasets/{id}/file", async (string id, IDataSets dataSets, CancellationToken cancellationToken) =>
            await dataSets.FindAsync(id, cancellationToken) is { } dataSet && File.Exists(dataSet.File)
                ? Results.File(dataSet.File, "application/jsonl", dataSet.Name)
                : Results.NotFound());
    }

    private static async Task<IResult> UploadAsync(HttpContext http, IDataSets dataSets, IAntiforgery antiforgery, UploadLimit limit, CancellationToken cancellationToken)
    {
        // Without the header the check would look for a form, and read all of the body into memory for it.
        if (!http.Request.Headers.ContainsKey(TokenHeader) || !await antiforgery.IsRequestValidAsync(http))
        {
            return Refuse(StatusCodes.Status400BadRequest, "This page is out of date: load it again, then upload the file once more.");
        }

        try
        {
            if (http.Request.ContentLength > limit.Bytes)
            {
                throw DataSetService.TooLarge(limit);
            }

            UploadedDataSet added = await dataSets.AddAsync(http.Request.Query["name"].ToString(), http.Request.Body, cancellationToken);
            return Results.Json(new UploadReply(added.Id, null, []));
        }
        catch (DataSetTooLargeException refused)
        {
            return Refuse(StatusCodes.Status413PayloadTooLarge, refused.Message);
        }
        catch (DataSetRefusedException refused)
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, refused.Message, refused.Rejected);
        }
        catch (UserInputException refused)
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, refused.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The user cancelled, and nobody reads the answer.
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }

    private static IResult Refuse(int status, string message, IReadOnlyList<RejectedLine>? rejected = null) =>
        Results.Json(new UploadReply(null, message, [.. (rejected ?? []).Take(MostRejected)]), statusCode: status);
}

/// <summary>The answer to an upload.</summary>
/// <param name="Id">The new data set.</param>
/// <param name="Message">Why there is none.</param>
/// <param name="Rejected">The first lines that cannot be used, where none can.</param>
public sealed record UploadReply(string? Id, string? Message, IReadOnlyList<RejectedLine> Rejected);
