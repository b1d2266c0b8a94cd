using RftConsole.Web.Api.Graders;
using RftConsole.Web.Api.Jobs;
using RftConsole.Web.Api.Keys;

namespace RftConsole.Web.Api;

/// <summary>What the HTTP API consists of.</summary>
internal static class ApiExtensions
{
    public static IServiceCollection AddConsoleApi(this IServiceCollection services)
    {
        services.AddSingleton<IApiKeys>(provider => ActivatorUtilities.CreateInstance<ApiKeys>(provider, (Func<string, string?>)Environment.GetEnvironmentVariable));
        services.AddSingleton<ApiAccess>();
        services.AddSingleton<IdempotentReplies>();
        services.AddSingleton<GraderReader>();
        services.AddSingleton<GraderStart>();
        services.AddSingleton<JobRequestReader>();
        services.AddSingleton<JobReader>();
        services.AddSingleton<JobEventReader>();
        services.AddSingleton<ApiReference>();
        services.AddOpenApi(ApiRoutes.DocumentGroup, ApiDocument.Describe);
        return services;
    }

    /// <summary>The API and its description.</summary>
    public static void MapConsoleApi(this IEndpointRouteBuilder endpoints)
    {
        ApiRoutes.Map(endpoints);
        endpoints.MapOpenApi(ApiDocument.Address).AllowAnonymous();
    }
}
