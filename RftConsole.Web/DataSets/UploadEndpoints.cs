using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Web.Security;

namespace RftConsole.Web.DataSets;

/// <summary>
/// The chunked upload over HTTP, because the page's web socket is no way for large files: <c>POST</c> begins one, <c>PATCH …/{id}?offset=N</c>
/// sends bytes, <c>GET …/{id}</c> tells how many have arrived, <c>POST …/{id}/complete</c> ends it, <c>DELETE …/{id}</c> gives it up.
/// </summary>
internal static class UploadEndpoints
{
    /// <summary>Takes <c>name</c> and <c>size</c> in the query.</summary>
    public const string Address = "/datasets/uploads";

    /// <summary>The header that carries the page's antiforgery token.</summary>
    public const string TokenHeader = "RequestVerificationToken";

    /// <summary>Rejected lines of a refused file that the page is told of.</summary>
    private const int MostRejected = 20;

    public static void MapUploads(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder uploads = endpoints.MapGroup(Address).RequireAuthorization(ConsoleRoles.Builder).AddEndpointFilter(RequireTokenAsync).AddEndpointFilter(ExplainAsync);
        uploads.MapPost("", async (string name, long size, IUploads store, CancellationToken cancellationToken) =>
            Results.Json(new UploadProgress(await store.BeginAsync(name, size, cancellationToken), 0)));
        uploads.MapGet("{id}", (string id, IUploads store) => store.OffsetOf(id) is { } offset ? Results.Json(new UploadProgress(id, offset)) : throw new UploadGoneException());
        // The server's own limit would end the connection without a word to the user; the store counts and explains.
        uploads.MapPatch("{id}", AppendAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
        uploads.MapPost("{id}/complete", CompleteAsync);
        uploads.MapDelete("{id}", (string id, IUploads store) =>
        {
            store.Delete(id);
            return Results.NoContent();
        });
    }

    private static async Task<IResult> AppendAsync(string id, long offset, HttpRequest request, IUploads store, CancellationToken cancellationToken)
    {
        long before = store.OffsetOf(id) ?? throw new UploadGoneException();
        long now = await store.AppendAsync(id, offset, request.Body, cancellationToken);
        return Results.Json(new UploadProgress(id, now), statusCode: before != offset && now == before ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }

    private static async Task<IResult> CompleteAsync(string id, string? kind, IUploads store, IDataSets dataSets, CancellationToken cancellationToken)
    {
        StagedFile file = await store.CompleteAsync(id, cancellationToken);
        if (kind == UploadKind.InvocationLogs || DataSetFileName.IsTable(file.Name))
        {
            return Results.Json(new UploadReply(null, null, []) { Staged = file.Id, Sha256 = file.Sha256 });
        }

        try
        {
            UploadedDataSet added = await dataSets.AddAsync(file, cancellationToken);
            return Results.Json(new UploadReply(added.Id, null, []) { Sha256 = file.Sha256 });
        }
        finally
        {
            store.Delete(id);
        }
    }

    private static async ValueTask<object?> RequireTokenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        // Without the header the check would look for a form, and read all of the body into memory for it.
        return HttpMethods.IsGet(http.Request.Method)
            || (http.Request.Headers.ContainsKey(TokenHeader) && await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
            ? await next(context)
            : Refuse(StatusCodes.Status400BadRequest, "This page is out of date: load it again, then upload the file once more.");
    }

    private static async ValueTask<object?> ExplainAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (UploadGoneException gone)
        {
            return Refuse(StatusCodes.Status404NotFound, gone.Message);
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
        catch (Exception broken) when (broken is OperationCanceledException or BadHttpRequestException or Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            // The connection broke, or a newer request took over; nobody reads the answer.
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }

    private static IResult Refuse(int status, string message, IReadOnlyList<RejectedLine>? rejected = null) =>
        Results.Json(new UploadReply(null, message, [.. (rejected ?? []).Take(MostRejected)]), statusCode: status);
}

/// <summary>What an upload is for, where the file's name does not say it.</summary>
public static class UploadKind
{
    /// <summary>Training records, or a table that becomes some.</summary>
    public const string Records = "records";

    /// <summary>Model invocation logs.</summary>
    public const string InvocationLogs = "logs";
}

/// <summary>How far an upload is.</summary>
/// <param name="Upload">Its id.</param>
/// <param name="Offset">Bytes that have arrived.</param>
public sealed record UploadProgress(string Upload, long Offset);

/// <summary>The answer to a finished upload.</summary>
/// <param name="Id">The new data set.</param>
/// <param name="Message">Why there is none.</param>
/// <param name="Rejected">The first lines that cannot be used, where none can.</param>
public sealed record UploadReply(string? Id, string? Message, IReadOnlyList<RejectedLine> Rejected)
{
    /// <summary>The upload's id where the file waits for a further step: a table for its columns, logs for what is taken of them.</summary>
    public string? Staged { get; init; }

    /// <summary>Of the file as it arrived.</summary>
    public string? Sha256 { get; init; }
}
