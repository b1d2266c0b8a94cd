using System.Text;

using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

using RftConsole.Web.Security.Audit;

namespace RftConsole.Web.Security.Accounts;

/// <summary>What came of an attempt to sign in.</summary>
internal enum SignInOutcome
{
    SignedIn,
    NeedsSecondFactor,
    LockedOut,
    Refused,
}

/// <summary>Signing in and out, and what somebody does with their own account, each with its line in the audit log. Used by the static account pages, which may set cookies.</summary>
internal sealed class SignInFlow(SignInManager<Account> signIn, UserManager<Account> users, SetUpLink setUp, IPasswordHasher<Account> hasher, IAuditLog audit, IHttpContextAccessor http, TimeProvider time)
{
    private const string Issuer = "RftConsole";

    /// <summary>Whether this is the set-up link, and it can still be used.</summary>
    public bool IsSetUpOpen(string? token) => setUp.IsOpen(token);

    /// <summary>The account of the request; null where nobody is signed in with one.</summary>
    public async Task<Account?> CurrentAsync() => await users.GetUserAsync(Http.User);

    /// <summary>Makes the first administrator and signs them in.</summary>
    public async Task<IReadOnlyList<string>> SetUpAsync(string? token, string name, string password)
    {
        if (!setUp.IsOpen(token))
        {
            return ["This link was used or has expired: restart the console for a new one."];
        }

        Account account = new() { UserName = name.Trim(), Role = ConsoleRole.Administrator, CreatedAt = time.GetUtcNow() };
        List<IdentityError> problems = await ProblemsAsync(account, password);
        // Used up last, so that a name or password that is refused costs nothing, and by one of two that come at once.
        if (problems.Count > 0 || !setUp.TryUse(token))
        {
            return [.. problems.Select(problem => problem.Description)];
        }

        IdentityResult created = await users.CreateAsync(account, password);
        if (!created.Succeeded)
        {
            return Errors(created);
        }

        await WriteAsync(account.UserName, account.Role, "user.set-up", AuditEntry.Done);
        await EnterAsync(account);
        return [];
    }

    /// <summary>First step of signing in.</summary>
    public async Task<SignInOutcome> PasswordAsync(string name, string password)
    {
        Account? account = await users.FindByNameAsync(name.Trim());
        if (account?.PasswordHash is null)
        {
            // As long as a wrong password takes: time must not tell who has an account.
            hasher.HashPassword(new(), password);
            await WriteAsync(name, null, "sign-in", AuditEntry.Refused);
            return SignInOutcome.Refused;
        }

        SignInResult result = await signIn.PasswordSignInAsync(account, password, isPersistent: false, lockoutOnFailure: true);
        return await FinishAsync(account, result, "sign-in");
    }

    /// <summary>Second step, with a code of the authenticator or a recovery code.</summary>
    public async Task<SignInOutcome> SecondFactorAsync(string code)
    {
        if (await signIn.GetTwoFactorAuthenticationUserAsync() is not { } account)
        {
            return SignInOutcome.Refused;
        }

        string digits = code.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        SignInResult result = digits.Length == 6 && digits.All(char.IsAsciiDigit)
            ? await signIn.TwoFactorAuthenticatorSignInAsync(digits, isPersistent: false, rememberClient: false)
            : await RecoveryAsync(account, code.Trim());
        return await FinishAsync(account, result, "sign-in.second-factor");
    }

    /// <summary>Chooses the password of an invited or reset account, and signs it in.</summary>
    public async Task<IReadOnlyList<string>> ChoosePasswordAsync(string? id, string? token, string password)
    {
        string[] gone = ["This link was used or has expired: ask an administrator for a new one."];
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(token) || await users.FindByIdAsync(id) is not { Disabled: false, PasswordHash: null } account)
        {
            return gone;
        }

        IdentityResult changed;
        try
        {
            changed = await users.ResetPasswordAsync(account, Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token)), password);
        }
        catch (FormatException)
        {
            return gone;
        }

        if (!changed.Succeeded)
        {
            return changed.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.InvalidToken)) ? gone : Errors(changed);
        }

        await WriteAsync(account.UserName!, account.Role, "user.choose-password", AuditEntry.Done);
        await EnterAsync(account);
        return [];
    }

    /// <summary>Changes the password of whoever is signed in; their other sessions end.</summary>
    public async Task<IReadOnlyList<string>> ChangePasswordAsync(string current, string password)
    {
        Account account = await RequireAsync();
        IdentityResult changed = await users.ChangePasswordAsync(account, current, password);
        await WriteAsync(account.UserName!, account.Role, "user.change-password", changed.Succeeded ? AuditEntry.Done : AuditEntry.Refused);
        if (!changed.Succeeded)
        {
            return Errors(changed);
        }

        await signIn.RefreshSignInAsync(account);
        return [];
    }

    /// <summary>The secret that an authenticator takes, as text and as the URI that its QR code holds.</summary>
    public async Task<(string Key, string Uri)> AuthenticatorAsync()
    {
        Account account = await RequireAsync();
        string? key = await users.GetAuthenticatorKeyAsync(account);
        if (string.IsNullOrEmpty(key))
        {
            await users.ResetAuthenticatorKeyAsync(account);
            await signIn.RefreshSignInAsync(account);
            key = (await users.GetAuthenticatorKeyAsync(account))!;
        }

        string label = Uri.EscapeDataString($"{Issuer}:{account.UserName}@{Http.Request.Host.Host}");
        return (string.Join(' ', key.Chunk(4).Select(part => new string(part))).ToLowerInvariant(), $"otpauth://totp/{label}?secret={key}&issuer={Issuer}&digits=6");
    }

    /// <summary>Turns the second factor on, once the authenticator has shown that it knows the secret.</summary>
    /// <returns>Recovery codes, shown once; null where the code is wrong.</returns>
    public async Task<IReadOnlyList<string>?> EnableSecondFactorAsync(string code)
    {
        Account account = await RequireAsync();
        string digits = code.Replace(" ", "", StringComparison.Ordinal);
        if (!await users.VerifyTwoFactorTokenAsync(account, users.Options.Tokens.AuthenticatorTokenProvider, digits))
        {
            return null;
        }

        await users.SetTwoFactorEnabledAsync(account, true);
        IEnumerable<string>? codes = await users.GenerateNewTwoFactorRecoveryCodesAsync(account, 10);
        await WriteAsync(account.UserName!, account.Role, "user.enable-second-factor", AuditEntry.Done);
        await signIn.RefreshSignInAsync(account);
        return [.. codes ?? []];
    }

    /// <summary>Turns the second factor off, by somebody who knows the password.</summary>
    public async Task<bool> DisableSecondFactorAsync(string password)
    {
        Account account = await RequireAsync();
        bool known = await users.CheckPasswordAsync(account, password);
        await WriteAsync(account.UserName!, account.Role, "user.disable-second-factor", known ? AuditEntry.Done : AuditEntry.Refused);
        if (known)
        {
            await users.SetTwoFactorEnabledAsync(account, false);
            await users.ResetAuthenticatorKeyAsync(account);
            await signIn.RefreshSignInAsync(account);
        }

        return known;
    }

    /// <summary>Ends this session, or all of the account's.</summary>
    public async Task SignOutAsync(bool everywhere)
    {
        if (await CurrentAsync() is { } account)
        {
            if (everywhere)
            {
                await users.UpdateSecurityStampAsync(account);
            }

            await WriteAsync(account.UserName!, account.Role, everywhere ? "sign-out.everywhere" : "sign-out", AuditEntry.Done);
        }

        await signIn.SignOutAsync();
    }

    private HttpContext Http => http.HttpContext ?? throw new InvalidOperationException("Signing in takes a request.");

    private async Task<Account> RequireAsync() => await CurrentAsync() ?? throw new AccessDeniedException("Sign in first.");

    private async Task<SignInResult> RecoveryAsync(Account account, string code)
    {
        // The recovery of Identity counts no failures; without a limit its codes could be tried.
        if (await users.IsLockedOutAsync(account))
        {
            return SignInResult.LockedOut;
        }

        SignInResult result = await signIn.TwoFactorRecoveryCodeSignInAsync(code);
        if (!result.Succeeded)
        {
            await users.AccessFailedAsync(account);
        }

        return result;
    }

    private async Task<SignInOutcome> FinishAsync(Account account, SignInResult result, string action)
    {
        SignInOutcome outcome = result.Succeeded ? SignInOutcome.SignedIn
            : result.RequiresTwoFactor ? SignInOutcome.NeedsSecondFactor
            : result.IsLockedOut ? SignInOutcome.LockedOut
            : SignInOutcome.Refused;
        if (outcome != SignInOutcome.NeedsSecondFactor)
        {
            await WriteAsync(account.UserName!, account.Role, action, outcome == SignInOutcome.SignedIn ? AuditEntry.Done : AuditEntry.Refused, outcome == SignInOutcome.LockedOut ? "locked out" : "");
        }

        if (outcome == SignInOutcome.SignedIn)
        {
            account.LastSignInAt = time.GetUtcNow();
            await users.UpdateAsync(account);
        }

        return outcome;
    }

    private async Task EnterAsync(Account account)
    {
        account.LastSignInAt = time.GetUtcNow();
        await users.UpdateAsync(account);
        await signIn.SignInAsync(account, isPersistent: false);
    }

    private async Task<List<IdentityError>> ProblemsAsync(Account account, string password)
    {
        List<IdentityError> problems = [];
        foreach (IUserValidator<Account> validator in users.UserValidators)
        {
            problems.AddRange((await validator.ValidateAsync(users, account)).Errors);
        }

        foreach (IPasswordValidator<Account> validator in users.PasswordValidators)
        {
            problems.AddRange((await validator.ValidateAsync(users, account, password)).Errors);
        }

        return problems;
    }

    private Task WriteAsync(string name, ConsoleRole? role, string action, string outcome, string details = "") =>
        audit.WriteAsync(new(name, role, Http.Connection.RemoteIpAddress?.ToString()), action, name, details, outcome);

    private static string[] Errors(IdentityResult result) => [.. result.Errors.Select(error => error.Description)];
}
