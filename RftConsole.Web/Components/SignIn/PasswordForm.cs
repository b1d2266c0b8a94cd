using RftConsole.Web.Security.Accounts;

namespace RftConsole.Web.Components.SignIn;

/// <summary>A name and a new password, typed twice.</summary>
public sealed class PasswordForm
{
    internal static string Hint => L["At least {0} characters; several words make a good one.", PasswordIsNotName.ShortestPassword];

    public string? Name { get; set; }

    public string? Current { get; set; }

    public string? Password { get; set; }

    public string? Repeated { get; set; }

    /// <summary>Why it cannot be sent on; null where it can.</summary>
    internal string? Problem => string.IsNullOrEmpty(Password) ? L["Password: enter one."] : Password != Repeated ? L["Password: the two are not the same."] : null;
}
