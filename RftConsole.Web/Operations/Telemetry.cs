using System.Security.Cryptography;
using System.Text;

using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

using RftConsole.Web.Jobs;
using RftConsole.Web.Security;

namespace RftConsole.Web.Operations;

/// <summary>
/// Measurements for Prometheus at <c>/metrics</c>; and measurements, traces and log lines for a collector where the environment names one, by OpenTelemetry's own
/// variables (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> …). Without that variable nothing leaves the machine.
/// </summary>
internal static class Telemetry
{
    public const string MetricsAddress = "/metrics";

    /// <summary>The environment variable with the bearer token by which a collector reads <see cref="MetricsAddress"/> where sign-in is required.</summary>
    public const string TokenVariable = "RFTCONSOLE_METRICS_TOKEN";

    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Service = "rftconsole";

    private static readonly string[] s_meters = [ConsoleMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "System.Runtime"];

    public static IServiceCollection AddTelemetry(this IServiceCollection services, Func<string, string?> environment)
    {
        bool exports = !string.IsNullOrWhiteSpace(environment(EndpointVariable));
        services.AddSingleton<ConsoleMeter>();
        services.AddSingleton<IJobEngine>(provider => new MeteredJobEngine(ActivatorUtilities.CreateInstance<InProcessJobEngine>(provider), provider.GetRequiredService<ConsoleMeter>()));
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(Service)).WithMetrics(metrics =>
        {
            metrics.AddMeter(s_meters).AddPrometheusExporter();
            if (exports)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (exports)
        {
            telemetry.WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddOtlpExporter());
            telemetry.WithLogging(logging => logging.AddOtlpExporter());
        }

        return services;
    }

    /// <summary>Administrators may read the measurements, and whoever has the token.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints, string? token)
    {
        byte[]? expected = string.IsNullOrEmpty(token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {token}"));
        endpoints.MapPrometheusScrapingEndpoint(MetricsAddress).RequireAuthorization(policy => policy.RequireAssertion(context =>
            context.User.IsInRole(ConsoleRoles.Administrator)
            || (expected is not null && context.Resource is HttpContext http
                && CryptographicOperations.FixedTimeEquals(expected, SHA256.HashData(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()))))));
    }
}
