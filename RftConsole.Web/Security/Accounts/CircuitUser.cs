using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;

namespace RftConsole.Web.Security.Accounts;

/// <summary>The user of an open page, looked up again while it stays open: a page of a disabled account, or one signed out everywhere, ends.</summary>
internal sealed class CircuitUser(ILoggerFactory log, IServiceScopeFactory scopes) : RevalidatingServerAuthenticationStateProvider(log)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(5);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (authenticationState.User.FindFirst(AccountClaims.AccountId) is null)
        {
            return true;
        }

        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        Account? account = await scope.ServiceProvider.GetRequiredService<SignInManager<Account>>().ValidateSecurityStampAsync(authenticationState.User);
        return account is { Disabled: false };
    }
}
