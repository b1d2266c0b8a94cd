using System.Security.Claims;

namespace RftConsole.Web.Security;

/// <summary>What somebody may do; each role may do what those before it may.</summary>
public enum ConsoleRole
{
    /// <summary>Looks at everything apart from settings and users, and talks to models.</summary>
    Viewer,

    /// <summary>Makes, changes and deletes jobs, data sets, reward functions, models and deployments.</summary>
    Builder,

    /// <summary>Also settings, users and keys, and reads the audit log.</summary>
    Administrator,
}

/// <summary>Roles as names of claims and policies.</summary>
public static class ConsoleRoles
{
    /// <summary>The name in claims, in the database and on pages.</summary>
    public static string Name(this ConsoleRole role) => role switch
    {
        ConsoleRole.Viewer => Viewer,
        ConsoleRole.Builder => Builder,
        _ => Administrator,
    };

    public const string Viewer = "viewer";

    public const string Builder = "builder";

    public const string Administrator = "administrator";

    /// <summary>The highest role that the claims give; null for somebody who has none.</summary>
    public static ConsoleRole? Of(ClaimsPrincipal user) =>
        user.IsInRole(Administrator) ? ConsoleRole.Administrator
        : user.IsInRole(Builder) ? ConsoleRole.Builder
        : user.IsInRole(Viewer) ? ConsoleRole.Viewer
        : null;

    /// <summary>The role of a name that <see cref="Name"/> gave.</summary>
    public static ConsoleRole Parse(string name) => name switch
    {
        Administrator => ConsoleRole.Administrator,
        Builder => ConsoleRole.Builder,
        Viewer => ConsoleRole.Viewer,
        _ => throw new ArgumentException($"There is no role {name}.", nameof(name)),
    };
}
