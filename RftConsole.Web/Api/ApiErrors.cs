using System.Globalization;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Connections;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Api;

/// <summary>An error in OpenAI's form.</summary>
public sealed record ErrorObject(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("param")] string? Param,
    [property: JsonPropertyName("code")] string? Code);

/// <summary>The body of every answer that is an error.</summary>
public sealed record ErrorReply([property: JsonPropertyName("error")] ErrorObject Error);

/// <summary>Turns what goes wrong into answers: of what is the caller's fault the reason, of what is ours nothing but that.</summary>
internal static partial class ApiErrors
{
    /// <summary>The answer to an exception.</summary>
    public static ApiException Explain(Exception problem) => problem switch
    {
        ApiException known => known,
        InferenceBusyException busy => new(StatusCodes.Status429TooManyRequests, busy.Message, code: "rate_limit_exceeded") { RetryAfter = busy.RetryAfter },
        InferenceTimeoutException late => new(StatusCodes.Status504GatewayTimeout, late.Message, code: "timeout"),
        InferenceStoppedException stopped => new(StatusCodes.Status503ServiceUnavailable, stopped.Message, code: "server_stopping") { RetryAfter = TimeSpan.FromSeconds(10) },
        ContextLengthException tooLong => ApiException.Invalid("messages", $"This model's context holds {tooLong.ContextLength} tokens, and the messages have {tooLong.Tokens}: shorten them.", "context_length_exceeded"),
        DataSetTooLargeException large => new(StatusCodes.Status413PayloadTooLarge, large.Message, "file"),
        FieldInputException field => ApiException.Invalid(field.Field, field.Message),
        UserInputException refused => ApiException.Invalid(null, refused.Message),
        BadHttpRequestException bad => new(bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The body is larger than this call takes." : "The request cannot be read."),
        _ => new(StatusCodes.Status500InternalServerError, "The console failed to answer; its log says why."),
    };

    /// <summary>Writes an error as the whole answer; after the first byte of a stream it is too late for that, and the caller must tell it there.</summary>
    public static async Task WriteAsync(HttpContext http, ApiException problem)
    {
        http.Response.StatusCode = problem.Status;
        if (problem.RetryAfter is { } rest)
        {
            http.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(rest.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await http.Response.WriteAsJsonAsync(Body(problem), ApiJson.Options, http.RequestAborted);
    }

    public static ErrorReply Body(ApiException problem) => new(new(problem.Message, TypeOf(problem.Status), problem.Param, problem.Code));

    /// <summary>Answers exceptions of the endpoints behind it.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (Exception gone) when (gone is ConnectionResetException || (gone is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested))
        {
            // Who left in the middle of a stream has its status already.
            return http.Response.HasStarted ? Results.Empty : Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        catch (Exception problem)
        {
            ApiException answer = Explain(problem);
            if (answer.Status >= StatusCodes.Status500InternalServerError && problem is not ApiException)
            {
                LogBroken(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ApiErrors)), problem, http.Request.Method, http.GetEndpoint()?.DisplayName);
            }

            await WriteAsync(http, answer);
            return Results.Empty;
        }
    }

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    [LoggerMessage(LogLevel.Error, "{Method} {Endpoint} failed")]
    private static partial void LogBroken(ILogger log, Exception problem, string method, string? endpoint);
}
