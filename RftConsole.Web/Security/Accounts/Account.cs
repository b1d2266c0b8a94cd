using Microsoft.AspNetCore.Identity;

namespace RftConsole.Web.Security.Accounts;

/// <summary>Somebody who may sign in. Name, password hash, lock-out and second factor are ASP.NET Core Identity's.</summary>
internal sealed class Account : IdentityUser
{
    public ConsoleRole Role { get; set; }

    /// <summary>An administrator has shut it.</summary>
    public bool Disabled { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }
}
