using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Notifications;

/// <inheritdoc cref="IWebhook"/>
internal sealed class Webhook(WebhookSettings settings, WebhookClient client, ChangeFeed feed, TimeProvider time) : IWebhook
{
    public async Task<WebhookView> ViewAsync(CancellationToken cancellationToken = default)
    {
        WebhookTarget? target = await settings.FindAsync(cancellationToken);
        return new(target?.Address.ToString(), target?.Secret is not null, await settings.LastAsync(cancellationToken));
    }

    public async Task SetAddressAsync(string address, string console, CancellationToken cancellationToken = default)
    {
        await settings.SetAddressAsync(address, console, cancellationToken);
        feed.Publish(ChangeTopic.Webhook);
    }

    public async Task SetSecretAsync(string? secret, CancellationToken cancellationToken = default)
    {
        await settings.SetSecretAsync(secret, cancellationToken);
        feed.Publish(ChangeTopic.Webhook);
    }

    public async Task<WebhookResult> TestAsync(CancellationToken cancellationToken = default)
    {
        WebhookTarget target = await settings.FindAsync(cancellationToken) ?? throw new UserInputException("Webhook address: save one before you test it.");
        WebhookResult result = await client.TryAsync(target, new("evt_" + NewId.Create(), WebhookMessage.TestType, time.GetUtcNow().ToUnixTimeSeconds(), null), cancellationToken);
        await settings.SetLastAsync(result, cancellationToken);
        feed.Publish(ChangeTopic.Webhook);
        return result;
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Webhook, null, changed);
}
