using System.Security.Claims;

namespace RftConsole.Web.Security;

/// <summary>Who does something.</summary>
/// <param name="Name">Of the account, key or machine user.</param>
/// <param name="Role">What they may do; null: nothing.</param>
/// <param name="Address">Where the request comes from.</param>
/// <param name="User">The claims; null for the console itself and for the nameless.</param>
public sealed record Actor(string Name, ConsoleRole? Role, string? Address, ClaimsPrincipal? User = null)
{
    /// <summary>Somebody of whom nothing is known.</summary>
    public static Actor Nobody { get; } = new("(nobody)", null, null);

    /// <summary>The actor of a request or a circuit.</summary>
    public static Actor Of(ClaimsPrincipal user, string? address) =>
        user.Identity is { IsAuthenticated: true } identity ? new(identity.Name ?? "(unnamed)", ConsoleRoles.Of(user), address, user) : Nobody with { Address = address };
}

/// <summary>
/// Who is at work in this flow of calls: middleware enters the actor of a request, and a circuit handler that of a page's events. Work that nobody entered
/// belongs to the person at the machine while the console knows no other, and to nobody as soon as sign-in is required.
/// </summary>
internal sealed class CurrentActor(bool requiresSignIn)
{
    private static readonly AsyncLocal<Actor?> s_actor = new();
    private readonly Actor _default = requiresSignIn ? Actor.Nobody : Local(null);

    public Actor Actor => s_actor.Value ?? _default;

    /// <summary>For the rest of this flow.</summary>
    public static void Enter(Actor actor) => s_actor.Value = actor;

    /// <summary>The person at the machine.</summary>
    public static Actor Local(string? address) => new(Environment.UserName, ConsoleRole.Administrator, address);
}
