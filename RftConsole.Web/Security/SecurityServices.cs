using System.Globalization;
using System.Threading.RateLimiting;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;

using RftConsole.Web.Hosting;
using RftConsole.Web.Security.Accounts;
using RftConsole.Web.Security.Audit;
using RftConsole.Web.Security.Guards;

namespace RftConsole.Web.Security;

/// <summary>Who somebody is, what they may do, and what is written down of it.</summary>
internal static class SecurityServices
{
    /// <summary>Attempts to sign in, set up or choose a password that one address has in a minute.</summary>
    public const int AttemptsPerMinute = 20;

    private const string AccountPages = "/account";

    /// <summary>To be called after all services that keep something are registered.</summary>
    public static IServiceCollection AddConsoleSecurity(this IServiceCollection services, ConsoleOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(new CurrentActor(options.RequiresSignIn));
        services.AddSingleton<IAuditLog, AuditLog>();
        services.AddSingleton<SetUpLink>();
        services.AddSingleton<SecurityStart>();
        services.AddScoped<SignInFlow>();
        services.AddSingleton<IAccounts, AccountService>();
        services.AddHttpContextAccessor();
        services.AddIdentity(options);
        services.AddConsoleAuthentication(options);
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitUser>();
        services.AddScoped<CircuitHandler, CurrentActorCircuitHandler>();
        services.AddGuards();

        services.Configure<HostFilteringOptions>(filter =>
        {
            filter.AllowedHosts = [.. MachineNames.AllowedHosts(options)];
            filter.AllowEmptyHosts = false;
        });
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = options.TrustedProxies.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in options.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
        services.AddRateLimiter(LimitSignIn);
        return services;
    }

    private static void AddIdentity(this IServiceCollection services, ConsoleOptions options)
    {
        services.AddIdentityCore<Account>(identity =>
        {
            identity.Password.RequiredLength = PasswordIsNotName.ShortestPassword;
            identity.Password.RequireDigit = identity.Password.RequireLowercase = identity.Password.RequireUppercase = identity.Password.RequireNonAlphanumeric = false;
            identity.Lockout.MaxFailedAccessAttempts = 5;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
        })
            .AddEntityFrameworkStores<SecurityDbContext>()
            .AddSignInManager<ConsoleSignInManager>()
            .AddClaimsPrincipalFactory<AccountClaims>()
            .AddPasswordValidator<PasswordIsNotName>()
            .AddDefaultTokenProviders();
        services.Configure<DataProtectionTokenProviderOptions>(tokens => tokens.TokenLifespan = TimeSpan.FromDays(3));
        services.Configure<SecurityStampValidatorOptions>(stamp => stamp.ValidationInterval = TimeSpan.FromSeconds(15));
    }

    private static void AddConsoleAuthentication(this IServiceCollection services, ConsoleOptions options)
    {
        string scheme = options.RequiresSignIn ? IdentityConstants.ApplicationScheme : LocalSignIn.SchemeName;
        AuthenticationBuilder authentication = services.AddAuthentication(scheme);
        authentication.AddScheme<AuthenticationSchemeOptions, LocalSignIn>(LocalSignIn.SchemeName, null);
        authentication.AddIdentityCookies();
        services.ConfigureAll<CookieAuthenticationOptions>(cookie =>
        {
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SecurePolicy = options.IsHttpsOnly ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
        });
        services.ConfigureApplicationCookie(cookie =>
        {
            // The prefix makes browsers refuse the cookie from another host or without encryption.
            cookie.Cookie.Name = options.IsHttpsOnly ? "__Host-rftconsole" : "rftconsole";
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            cookie.SlidingExpiration = true;
            cookie.LoginPath = "/account/sign-in";
            cookie.AccessDeniedPath = "/account/denied";
            cookie.ReturnUrlParameter = "returnUrl";
            cookie.Events.OnRedirectToLogin = context => AnswerAsync(context, StatusCodes.Status401Unauthorized, "Sign in first.");
            cookie.Events.OnRedirectToAccessDenied = context => AnswerAsync(context, StatusCodes.Status403Forbidden, "Your role does not allow this.");
        });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(ConsoleRoles.Builder, policy => policy.RequireRole(ConsoleRoles.Builder, ConsoleRoles.Administrator))
            .AddPolicy(ConsoleRoles.Administrator, policy => policy.RequireRole(ConsoleRoles.Administrator));
    }

    /// <summary>A person's browser is sent to a page; a program, a script or a download gets a status and a line.</summary>
    private static Task AnswerAsync(RedirectContext<CookieAuthenticationOptions> context, int status, string message)
    {
        HttpRequest request = context.Request;
        if (HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect(context.RedirectUri);
            return Task.CompletedTask;
        }

        context.Response.StatusCode = status;
        return context.Response.WriteAsync(message, context.HttpContext.RequestAborted);
    }

    private static void LimitSignIn(RateLimiterOptions limiter)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(AccountPages, StringComparison.OrdinalIgnoreCase)
                ? RateLimitPartition.GetFixedWindowLimiter(context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = AttemptsPerMinute, Window = TimeSpan.FromMinutes(1) })
                : RateLimitPartition.GetNoLimiter(""));
        limiter.OnRejected = (rejected, cancellationToken) =>
        {
            TimeSpan wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromMinutes(1);
            string seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            rejected.HttpContext.Response.Headers.RetryAfter = seconds;
            return new(rejected.HttpContext.Response.WriteAsync($"Too many attempts: try again in {seconds} s.", cancellationToken));
        };
    }
}
