namespace RftConsole.Web.Api;

/// <summary>A request cannot be answered; the caller gets this in OpenAI's form of an error.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">One line for the caller.</param>
/// <param name="param">The parameter that it is about, such as <c>messages[0].role</c>; null where it is about none.</param>
/// <param name="code">A code that programs compare, such as <c>model_not_found</c>; null where there is none.</param>
internal sealed class ApiException(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    public int Status { get; } = status;

    public string? Param { get; } = param;

    public string? Code { get; } = code;

    /// <summary>When to try again, for a caller that came too often or while too much waits.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A parameter is missing or wrong.</summary>
    public static ApiException Invalid(string? param, string message, string? code = null) => new(StatusCodes.Status400BadRequest, message, param, code);

    /// <summary>There is nothing of that id.</summary>
    public static ApiException NotFound(string what, string id, string? param = "id") => new(StatusCodes.Status404NotFound, $"There is no {what} '{Shorten(id)}'.", param, "not_found");

    /// <summary>What a caller wrote, as an error may repeat it: one line of printable characters, not too long.</summary>
    public static string Shorten(string text)
    {
        string plain = string.Concat(text.Take(64).Select(x => char.IsControl(x) || char.IsSurrogate(x) ? '?' : x));
        return text.Length > 64 ? plain + "…" : plain;
    }
}
