using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using RftConsole.Training;

namespace RftConsole.Web.Security.Accounts;

/// <summary>Accounts over ASP.NET Core Identity; each call has a scope of its own, because a page lives longer than a database context should.</summary>
internal sealed class AccountService(IServiceScopeFactory scopes, IOptions<DataProtectionTokenProviderOptions> tokens, TimeProvider time) : IAccounts
{
    public async Task<IReadOnlyList<AccountView>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        List<Account> accounts = await Users(scope).Users.AsNoTracking().OrderBy(account => account.NormalizedUserName).ToListAsync(cancellationToken);
        return [.. accounts.Select(View)];
    }

    public async Task<PasswordLink> InviteAsync(string name, ConsoleRole role, CancellationToken cancellationToken = default)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        UserManager<Account> users = Users(scope);
        Account account = new() { UserName = name.Trim(), Role = role, CreatedAt = time.GetUtcNow() };
        Require(await users.CreateAsync(account));
        return await LinkAsync(users, account);
    }

    public Task SetRoleAsync(string id, ConsoleRole role, CancellationToken cancellationToken = default) => ChangeAsync(id, async (users, account) =>
    {
        await RequireAnotherAdministratorAsync(users, account, staysOne: role == ConsoleRole.Administrator);
        account.Role = role;
        Require(await users.UpdateSecurityStampAsync(account));
    });

    public Task SetDisabledAsync(string id, bool disabled, CancellationToken cancellationToken = default) => ChangeAsync(id, async (users, account) =>
    {
        await RequireAnotherAdministratorAsync(users, account, staysOne: !disabled);
        account.Disabled = disabled;
        Require(await users.UpdateSecurityStampAsync(account));
    });

    public async Task<PasswordLink> ResetAsync(string id, CancellationToken cancellationToken = default)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        UserManager<Account> users = Users(scope);
        Account account = await RequireAsync(users, id);
        if (await users.HasPasswordAsync(account))
        {
            await RequireAnotherAdministratorAsync(users, account, staysOne: false);
            Require(await users.RemovePasswordAsync(account));
        }

        Require(await users.SetTwoFactorEnabledAsync(account, false));
        Require(await users.ResetAuthenticatorKeyAsync(account));
        Require(await users.SetLockoutEndDateAsync(account, null));
        return await LinkAsync(users, account);
    }

    public Task SignOutEverywhereAsync(string id, CancellationToken cancellationToken = default) =>
        ChangeAsync(id, async (users, account) => Require(await users.UpdateSecurityStampAsync(account)));

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) => ChangeAsync(id, async (users, account) =>
    {
        await RequireAnotherAdministratorAsync(users, account, staysOne: false);
        Require(await users.DeleteAsync(account));
    });

    private static UserManager<Account> Users(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<UserManager<Account>>();

    private static async Task<Account> RequireAsync(UserManager<Account> users, string id) =>
        await users.FindByIdAsync(id) ?? throw new UserInputException("There is no such user any more.");

    private static void Require(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new UserInputException("Name: " + string.Join(" ", result.Errors.Select(error => error.Description)));
        }
    }

    private async Task ChangeAsync(string id, Func<UserManager<Account>, Account, Task> change)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        UserManager<Account> users = Users(scope);
        await change(users, await RequireAsync(users, id));
    }

    private static async Task RequireAnotherAdministratorAsync(UserManager<Account> users, Account account, bool staysOne)
    {
        if (!staysOne && account.Role == ConsoleRole.Administrator
            && !await users.Users.AnyAsync(other => other.Id != account.Id && other.Role == ConsoleRole.Administrator && !other.Disabled && other.PasswordHash != null))
        {
            throw new UserInputException($"{account.UserName} is the only administrator who can sign in: make another one first.");
        }
    }

    private async Task<PasswordLink> LinkAsync(UserManager<Account> users, Account account)
    {
        string token = WebEncoders.Base64UrlEncode(System.Text.Encoding.UTF8.GetBytes(await users.GeneratePasswordResetTokenAsync(account)));
        return new($"/account/password?user={account.Id}&token={token}", time.GetUtcNow() + tokens.Value.TokenLifespan);
    }

    private AccountView View(Account account) => new(
        account.Id,
        account.UserName!,
        account.Role,
        account.Disabled ? AccountState.Disabled
            : account.PasswordHash is null ? AccountState.Invited
            : account.LockoutEnd > time.GetUtcNow() ? AccountState.LockedOut
            : AccountState.Active,
        account.TwoFactorEnabled,
        account.CreatedAt,
        account.LastSignInAt);
}
