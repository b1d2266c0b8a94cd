using Microsoft.AspNetCore.Identity;

namespace RftConsole.Web.Security.Accounts;

/// <summary>Length is what makes a password strong; what is long and can be guessed all the same is refused: the name, and one character over and over.</summary>
internal sealed class PasswordIsNotName : IPasswordValidator<Account>
{
    /// <summary>Characters that a password must have at least.</summary>
    public const int ShortestPassword = 12;

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password) => Task.FromResult(
        password is not null && user.UserName is { Length: > 2 } name && password.Contains(name, StringComparison.OrdinalIgnoreCase) ? Refuse("Password: it contains the name.")
        : password?.Distinct().Count() < 4 ? Refuse("Password: it repeats too few characters.")
        : IdentityResult.Success);

    private static IdentityResult Refuse(string why) => IdentityResult.Failed(new IdentityError { Code = nameof(PasswordIsNotName), Description = why });
}
