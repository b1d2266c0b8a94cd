namespace RftConsole.Web.Components.Notifications;

/// <summary>Whether this browser notifies.</summary>
/// <param name="Wanted">The user switched it on.</param>
/// <param name="Permission">The browser's own word.</param>
public sealed record BrowserNotifications(bool Wanted, string Permission)
{
    /// <summary>Nobody asked for them.</summary>
    public static BrowserNotifications Off { get; } = new(false, "default");

    /// <summary>Switched on, and allowed.</summary>
    public bool IsOn => Wanted && Permission == "granted";

    /// <summary>What stands in the way; null for nothing.</summary>
    public string? Obstacle => Permission switch
    {
        "denied" => L["This browser blocks notifications of the console: allow them in its settings for this site."],
        "unsupported" => L["This browser shows no notifications here: it takes HTTPS, or the address 127.0.0.1."],
        _ => null,
    };
}
