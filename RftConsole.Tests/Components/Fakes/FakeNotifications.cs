using RftConsole.Training;
using RftConsole.Web.Notifications;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Notifications and a webhook in memory.</summary>
public sealed class FakeNotifications : INotifications, IWebhook
{
    public FakeNews News { get; } = new();

    public List<Notification> All { get; } = [];

    public WebhookView View { get; set; } = new(null, false, null);

    public WebhookResult Outcome { get; set; } = new(DateTimeOffset.UnixEpoch, "webhook.test", true, "it answered 204 No Content", 1);

    public string? Secret { get; private set; }

    public string? Console { get; private set; }

    /// <summary>Adds one as the newest.</summary>
    public Task AddAsync(Notification notification)
    {
        All.Insert(0, notification);
        return News.TellAsync();
    }

    public Task<IReadOnlyList<Notification>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<Notification>>([.. All]);

    public Task<WebhookView> ViewAsync(CancellationToken cancellationToken = default) => Task.FromResult(View);

    public Task SetAddressAsync(string address, string console, CancellationToken cancellationToken = default)
    {
        if (address.Length > 0 && !address.StartsWith("http", StringComparison.Ordinal))
        {
            throw new UserInputException($"Webhook address: \"{address}\" is no address such as https://hooks.example/rft.");
        }

        Console = console;
        View = View with { Address = address.Length == 0 ? null : address };
        return Task.CompletedTask;
    }

    public Task SetSecretAsync(string? secret, CancellationToken cancellationToken = default)
    {
        Secret = secret;
        View = View with { HasSecret = secret is not null };
        return Task.CompletedTask;
    }

    public Task<WebhookResult> TestAsync(CancellationToken cancellationToken = default) => Task.FromResult(Outcome);

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
