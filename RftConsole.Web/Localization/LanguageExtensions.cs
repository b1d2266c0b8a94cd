using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Localization;

using RftConsole.Web.Components.SignIn;

namespace RftConsole.Web.Localization;

/// <summary>How a request finds its language.</summary>
internal static class LanguageExtensions
{
    /// <summary>
    /// Pages and their circuits speak the language of the cookie, else the browser's, else English. Everything else, the API above all,
    /// knows no language but English and formats the same for everybody.
    /// </summary>
    public static void UseLanguages(this WebApplication app)
    {
        RequestLocalizationOptions options = new()
        {
            DefaultRequestCulture = new RequestCulture(Language.English.Culture),
            SupportedCultures = [.. Language.All.Select(language => language.Culture)],
            SupportedUICultures = [.. Language.All.Select(language => language.Culture)],
            RequestCultureProviders = [new CookieRequestCultureProvider(), new BrowserLanguage()],
        };
        app.UseWhen(IsOfPage, pages => pages.UseRequestLocalization(options));
    }

    /// <summary>The address that keeps a choice in the culture cookie and goes back to the page.</summary>
    public static void MapLanguage(this WebApplication app) =>
        app.MapGet("/language/{name}", (string name, string? returnUrl, HttpContext http) =>
        {
            if (Language.All.FirstOrDefault(language => language.Name == name) is not { } chosen)
            {
                return Results.NotFound();
            }

            http.Response.Cookies.Append(
                CookieRequestCultureProvider.DefaultCookieName,
                CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(chosen.Culture)),
                new() { MaxAge = TimeSpan.FromDays(365), HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, IsEssential = true });
            return Results.LocalRedirect(AccountPage.IsLocal(returnUrl) ? returnUrl! : "/");
        }).AllowAnonymous();

    private static bool IsOfPage(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/_blazor") || http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    /// <summary>A browser's languages by its preference. <c>zh</c> alone means the script that most of its readers use; .NET relates only <c>zh-CN</c> and the like to it.</summary>
    private sealed class BrowserLanguage : AcceptLanguageHeaderRequestCultureProvider
    {
        public override async Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
            await base.DetermineProviderCultureResult(httpContext) is { } preferred
                ? new([.. preferred.Cultures.Select(name => name == "zh" ? Language.SimplifiedChinese.Name : name)])
                : null;
    }
}
