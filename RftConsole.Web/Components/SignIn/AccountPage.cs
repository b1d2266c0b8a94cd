using Microsoft.AspNetCore.Components;

using RftConsole.Web.Security.Accounts;

namespace RftConsole.Web.Components.SignIn;

/// <summary>A page that is rendered within its request, so that it can set cookies: no circuit, plain forms.</summary>
public abstract class AccountPage : ComponentBase
{
    /// <summary>Why the last attempt was refused.</summary>
    protected IReadOnlyList<string> Problems { get; set; } = [];

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    internal SignInFlow Flow { get; init; } = null!;

    [Inject]
    internal ConsoleOptions Options { get; init; } = null!;

    /// <summary>Where to go after signing in.</summary>
    [SupplyParameterFromQuery]
    public string? ReturnUrl { get; set; }

    /// <summary>Goes to where somebody came from, if that is a page of this console.</summary>
    protected void Return() => Navigation.NavigateTo(IsLocal(ReturnUrl) ? ReturnUrl! : "/");

    /// <summary>A path of this host: <c>//elsewhere</c> and <c>/\elsewhere</c> are other hosts to a browser.</summary>
    internal static bool IsLocal(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) && Uri.TryCreate(address, UriKind.Relative, out _);
}
