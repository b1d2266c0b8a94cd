using RftConsole.Web.Api.Chat;
using RftConsole.Web.Api.Files;
using RftConsole.Web.Api.Graders;
using RftConsole.Web.Api.Jobs;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Api.Models;
using RftConsole.Web.Security;

namespace RftConsole.Web.Api;

/// <summary>The calls of the OpenAI-compatible API. Handlers read the request themselves, so that nothing is read before the caller is known, and errors all have one form.</summary>
internal sealed class ApiRoutes
{
    /// <summary>The tag in the description that tells the API from the pages' own calls.</summary>
    public const string DocumentGroup = "v1";

    private readonly RouteGroupBuilder _group;
    private readonly bool _described;

    private ApiRoutes(IEndpointRouteBuilder endpoints, string prefix, bool described)
    {
        _described = described;
        _group = endpoints.MapGroup(prefix).DisableAntiforgery().AllowAnonymous();
        _group.AddEndpointFilter(ApiErrors.FilterAsync);
    }

    /// <summary>Maps the API below <c>/v1</c>, and once more below <c>/openai/v1</c>, where the original has it.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach ((string prefix, bool described) in (ReadOnlySpan<(string, bool)>)[("/v1", true), ("/openai/v1", false)])
        {
            ApiRoutes routes = new(endpoints, prefix, described);
            routes.MapFiles();
            routes.MapJobs();
            routes.MapGraders();
            routes.MapModels();
            routes.MapChat();
            routes._group.Map("{**path}", (HttpContext http) => Unknown(http)).ExcludeFromDescription().WithOrder(int.MaxValue);
        }
    }

    public RouteHandlerBuilder Get(string pattern, ApiScopes scope, Delegate handler, string summary) => Add(_group.MapGet(pattern, handler), scope, summary);

    public RouteHandlerBuilder Post(string pattern, ApiScopes scope, Delegate handler, string summary) => Add(_group.MapPost(pattern, handler), scope, summary);

    public RouteHandlerBuilder Delete(string pattern, ApiScopes scope, Delegate handler, string summary) => Add(_group.MapDelete(pattern, handler), scope, summary);

    private static IResult Unknown(HttpContext http) =>
        throw new ApiException(StatusCodes.Status404NotFound, $"There is no call {http.Request.Method} {ApiException.Shorten(http.Request.Path)}.", code: "unknown_url");

    private RouteHandlerBuilder Add(RouteHandlerBuilder endpoint, ApiScopes scope, string summary)
    {
        endpoint.AddEndpointFilter(async (context, next) =>
        {
            await context.HttpContext.RequestServices.GetRequiredService<ApiAccess>().AdmitAsync(context.HttpContext, scope);
            // The key's scopes have been looked at: to the services behind, it is a builder under the key's name.
            CurrentActor.Enter(new($"API key {ApiAccess.CallerOf(context.HttpContext).KeyId}", ConsoleRole.Builder, context.HttpContext.Connection.RemoteIpAddress?.ToString()));
            return await next(context);
        });
        endpoint.WithSummary(summary).WithGroupName(DocumentGroup).ProducesProblemOfApi();
        return _described ? endpoint : endpoint.ExcludeFromDescription();
    }
}

/// <summary>What every call may answer.</summary>
internal static class ApiRouteExtensions
{
    public static RouteHandlerBuilder ProducesProblemOfApi(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<ErrorReply>(StatusCodes.Status400BadRequest).Produces<ErrorReply>(StatusCodes.Status401Unauthorized);
}
