using RftConsole.Training;

namespace RftConsole.Web.Security.Accounts;

/// <summary>An account as the users page shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The name to sign in with.</param>
/// <param name="Role">What it may do.</param>
/// <param name="State">Whether it can be used.</param>
/// <param name="HasSecondFactor">It asks for a code of an authenticator.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastSignInAt">When it was last used.</param>
public sealed record AccountView(string Id, string Name, ConsoleRole Role, AccountState State, bool HasSecondFactor, DateTimeOffset CreatedAt, DateTimeOffset? LastSignInAt);

/// <summary>Whether an account can be used.</summary>
public enum AccountState
{
    /// <summary>It has no password yet.</summary>
    Invited,
    Active,

    /// <summary>Too many wrong passwords; it opens by itself.</summary>
    LockedOut,

    /// <summary>An administrator has shut it.</summary>
    Disabled,
}

/// <summary>A link that lets somebody choose the password of their account, once.</summary>
/// <param name="Path">Path and query on this console; a secret.</param>
/// <param name="ExpiresAt">Until when it can be used.</param>
public sealed record PasswordLink(string Path, DateTimeOffset ExpiresAt);

/// <summary>Who may sign in. No change may leave the console without an administrator who can.</summary>
public interface IAccounts
{
    /// <summary>By name.</summary>
    Task<IReadOnlyList<AccountView>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes an account without a password; the link lets its owner choose one.</summary>
    /// <exception cref="UserInputException">The name is taken or cannot be used.</exception>
    Task<PasswordLink> InviteAsync(string name, ConsoleRole role, CancellationToken cancellationToken = default);

    /// <summary>Its pages end and it signs in anew.</summary>
    /// <exception cref="UserInputException">It is the last administrator.</exception>
    Task SetRoleAsync(string id, ConsoleRole role, CancellationToken cancellationToken = default);

    /// <summary>Shuts it, with all its sessions, or opens it again.</summary>
    /// <exception cref="UserInputException">It is the last administrator.</exception>
    Task SetDisabledAsync(string id, bool disabled, CancellationToken cancellationToken = default);

    /// <summary>Takes password and second factor away, ends all sessions, and gives a link to choose a new password.</summary>
    Task<PasswordLink> ResetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Ends all its sessions.</summary>
    Task SignOutEverywhereAsync(string id, CancellationToken cancellationToken = default);

    /// <exception cref="UserInputException">It is the last administrator.</exception>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);
}
