using System.Security.Cryptography;

using Microsoft.AspNetCore.DataProtection;

using RftConsole.Training;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Notifications;

/// <summary>Where deliveries go.</summary>
/// <param name="Address">The receiver.</param>
/// <param name="Secret">What they are signed with; null for unsigned ones.</param>
/// <param name="Console">The console's own address, for links; null where it is not known.</param>
internal sealed record WebhookTarget(Uri Address, string? Secret, Uri? Console);

/// <summary>The webhook's settings in the database; its secret is encrypted with a key of the data folder.</summary>
internal sealed class WebhookSettings(SettingStore settings, IDataProtectionProvider protection)
{
    /// <summary>There is a webhook while this is set.</summary>
    public const string AddressKey = "webhook.address";

    private const string SecretKey = "webhook.secret";
    private const string ConsoleKey = "webhook.console";
    private const string LastKey = "webhook.last";
    private const int LongestAddress = 2000;

    private readonly IDataProtector _protector = protection.CreateProtector("RftConsole.WebhookSecret");

    /// <summary>Where deliveries go; null for nowhere.</summary>
    public async Task<WebhookTarget?> FindAsync(CancellationToken cancellationToken = default) =>
        await settings.FindAsync(AddressKey, cancellationToken) is { } address
            ? new(new(address), await SecretAsync(cancellationToken), await settings.FindAsync(ConsoleKey, cancellationToken) is { } console ? new(console) : null)
            : null;

    /// <summary>What became of the last delivery.</summary>
    public async Task<WebhookResult?> LastAsync(CancellationToken cancellationToken = default) => StoredJson.ReadOptional<WebhookResult>(await settings.FindAsync(LastKey, cancellationToken));

    public Task SetLastAsync(WebhookResult result, CancellationToken cancellationToken = default) => settings.SetAsync(LastKey, StoredJson.Write(result), cancellationToken);

    /// <inheritdoc cref="IWebhook.SetAddressAsync"/>
    public async Task SetAddressAsync(string address, string console, CancellationToken cancellationToken = default)
    {
        string? wanted = string.IsNullOrWhiteSpace(address) ? null : Parse(address);
        await settings.SetAsync(ConsoleKey, wanted is not null && Uri.TryCreate(console, UriKind.Absolute, out Uri? own) ? own.ToString() : null, cancellationToken);
        await settings.SetAsync(AddressKey, wanted, cancellationToken);
    }

    /// <inheritdoc cref="IWebhook.SetSecretAsync"/>
    public Task SetSecretAsync(string? secret, CancellationToken cancellationToken = default) =>
        settings.SetAsync(SecretKey, string.IsNullOrWhiteSpace(secret) ? null : _protector.Protect(WebhookMessage.RequireSecret(secret)), cancellationToken);

    private static string Parse(string address) =>
        address.Length <= LongestAddress && Uri.TryCreate(address.Trim(), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.UserInfo.Length == 0
            ? uri.ToString()
            : throw new UserInputException($"Webhook address: \"{(address.Length <= 200 ? address.Trim() : address.Trim()[..200] + "…")}\" is no address such as https://hooks.example/rft.");

    private async Task<string?> SecretAsync(CancellationToken cancellationToken)
    {
        if (await settings.FindAsync(SecretKey, cancellationToken) is not { } kept)
        {
            return null;
        }

        try
        {
            return _protector.Unprotect(kept);
        }
        catch (CryptographicException)
        {
            // The key that encrypted it has gone: it has to be entered again.
            return null;
        }
    }
}
