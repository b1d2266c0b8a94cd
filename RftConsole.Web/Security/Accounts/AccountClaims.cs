using System.Security.Claims;

using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace RftConsole.Web.Security.Accounts;

/// <summary>What a cookie says of an account: name, id, security stamp and role.</summary>
internal sealed class AccountClaims(UserManager<Account> users, IOptions<IdentityOptions> options) : UserClaimsPrincipalFactory<Account>(users, options)
{
    /// <summary>The claim that holds the account's id.</summary>
    public const string AccountId = ClaimTypes.NameIdentifier;

    /// <summary>The claim that changes when the account's sessions are to end.</summary>
    public const string Stamp = "AspNet.Identity.SecurityStamp";

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Account user)
    {
        ClaimsIdentity identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new(identity.RoleClaimType, user.Role.Name()));
        return identity;
    }
}
