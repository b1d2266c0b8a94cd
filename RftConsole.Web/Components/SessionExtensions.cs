using Microsoft.AspNetCore.Components.Authorization;

using RftConsole.Web.Security;

namespace RftConsole.Web.Components;

/// <summary>What pages ask about whoever looks at them, in order to offer only what is not refused; the services behind decide.</summary>
internal static class SessionExtensions
{
    /// <summary>Whether the role of whoever is signed in is enough; true where a component stands outside of any session.</summary>
    public static async Task<bool> AllowsAsync(this Task<AuthenticationState>? session, ConsoleRole role) =>
        session is null || ConsoleRoles.Of((await session).User) >= role;
}
