using RftConsole.Training;

namespace RftConsole.Web.Notifications;

/// <summary>What became of the last delivery.</summary>
/// <param name="Time">When it was over.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Works">Whether the address took it.</param>
/// <param name="Message">One line: what it answered, or why it could not be reached.</param>
/// <param name="Tries">How often it was tried.</param>
public sealed record WebhookResult(DateTimeOffset Time, string Type, bool Works, string Message, int Tries);

/// <summary>What the settings show; never the secret.</summary>
/// <param name="Address">Where deliveries go; null for nowhere.</param>
/// <param name="HasSecret">Whether deliveries are signed.</param>
/// <param name="Last">The last delivery; null before the first one.</param>
public sealed record WebhookView(string? Address, bool HasSecret, WebhookResult? Last);

/// <summary>One address that is told when a job ends. Nothing is sent while there is none.</summary>
public interface IWebhook
{
    Task<WebhookView> ViewAsync(CancellationToken cancellationToken = default);

    /// <summary>Where deliveries go from now on.</summary>
    /// <param name="address">An http or https address; empty for nowhere.</param>
    /// <param name="console">The console's own address as whoever enters this reaches it, for links in deliveries.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">It is no such address.</exception>
    Task SetAddressAsync(string address, string console, CancellationToken cancellationToken = default);

    /// <summary>What deliveries are signed with; null leaves them unsigned.</summary>
    /// <exception cref="UserInputException">It is none.</exception>
    Task SetSecretAsync(string? secret, CancellationToken cancellationToken = default);

    /// <summary>Sends one event of type <c>webhook.test</c>, once.</summary>
    /// <exception cref="UserInputException">There is no address.</exception>
    Task<WebhookResult> TestAsync(CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="changed"/> after each delivery and each change; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
