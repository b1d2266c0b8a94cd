using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Web.Notifications;

namespace RftConsole.Web.Components.Notifications;

/// <summary>The webhook: its address, its secret, a test, and what became of the last delivery.</summary>
public sealed partial class WebhookPanel
{
    private WebhookView? _view;
    private string _address = "";
    private string _secret = "";
    private string? _failure;
    private string? _done;
    private bool _made;
    private bool _busy;

    [Inject]
    public required IWebhook Webhook { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Webhook.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        string? before = _view?.Address;
        _view = await Webhook.ViewAsync(cancellationToken);
        // A delivery that comes in between must not take away what is being typed.
        if (_address == (before ?? ""))
        {
            _address = _view.Address ?? "";
        }
    }

    private Task SaveAsync() => TryAsync(async () =>
    {
        await Webhook.SetAddressAsync(_address, Navigation.BaseUri, Ended);
        _address = (await Webhook.ViewAsync(Ended)).Address ?? "";
        return _address.Length == 0 ? L["There is no webhook: nothing is sent."] : L["The webhook is saved."];
    });

    private Task TestAsync() => TryAsync(async () =>
    {
        WebhookResult result = await Webhook.TestAsync(Ended);
        return result.Works ? L["The test was taken: {0}.", result.Message] : throw new UserInputException(L["The test was not taken: {0}.", result.Message]);
    });

    private Task SetSecretAsync(string? secret, string done) => TryAsync(async () =>
    {
        await Webhook.SetSecretAsync(secret, Ended);
        (_secret, _made) = ("", false);
        return done;
    });

    private void MakeSecret() => (_secret, _made) = (WebhookMessage.NewSecret(), true);

    private async Task TryAsync(Func<Task<string>> action)
    {
        (_failure, _done, _busy) = (null, null, true);
        try
        {
            _done = await action();
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            _busy = false;
        }

        await LoadAsync(Ended);
    }
}
