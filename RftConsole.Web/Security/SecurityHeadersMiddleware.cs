using Microsoft.Net.Http.Headers;

namespace RftConsole.Web.Security;

/// <summary>
/// Puts the headers on every response that keep a page to this host, and refuses requests that a page of another site sends:
/// a console on 127.0.0.1 is within reach of every page in the user's browser.
/// </summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    /// <summary>
    /// MudBlazor writes style elements and attributes, hence <c>unsafe-inline</c> for styles; scripts come from files only. A chart's export is a data or blob image.
    /// </summary>
    public const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not "no-referrer": a browser would send the console's own forms with the origin "null", and they would be taken for another site's.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

        if (IsForeign(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Response.WriteAsync("This console answers its own pages only.", context.RequestAborted);
        }

        return next(context);
    }

    /// <summary>Browsers name the sending page's origin on web sockets and on everything that changes state; the antiforgery token does not cover web sockets.</summary>
    private static bool IsForeign(HttpRequest request)
    {
        string? origin = request.Headers[HeaderNames.Origin];
        return !string.IsNullOrEmpty(origin) && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
