using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

using MudBlazor;

using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Notifications;

namespace RftConsole.Web.Components.Notifications;

/// <summary>
/// What happened to jobs, from every page: how much is unread, a list with links, and a notification of the browser when a job ends while a page is open.
/// What is read, and whether the browser is to notify, the browser keeps.
/// </summary>
public sealed partial class NotificationBell : IAsyncDisposable
{
    private IReadOnlyList<Notification> _notifications = [];
    private HashSet<string> _read = [];
    private HashSet<string>? _known;
    private BrowserNotifications _browser = BrowserNotifications.Off;
    private IJSObjectReference? _module;
    private DotNetObjectReference<NotificationBell>? _self;
    private ElementReference _button;
    private ElementReference _panel;
    private bool _started;
    private bool _open;
    private bool _opened;

    [Inject]
    public required INotifications Notifications { get; init; }

    [Inject]
    public required IJSRuntime JS { get; init; }

    private int Unread => _started ? _notifications.Count(notification => !IsRead(notification)) : 0;

    private string ButtonName => Unread == 0 ? L["Notifications"] : L["Notifications, {0} unread", Unread];

    /// <summary>Called by the browser when another of its tabs has read something.</summary>
    [JSInvokable]
    public Task OnBrowserChanged(BrowserState state) => InvokeAsync(() =>
    {
        Take(state);
        StateHasChanged();
    });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Dispose();
        _self?.Dispose();
        await _module.EndAsync("end");
    }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Notifications.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _notifications = await Notifications.ListAsync(cancellationToken);
        HashSet<string>? known = _known;
        _known = [.. _notifications.Select(notification => notification.Id)];
        // What happened before this page was open stands in the list; only news pop up.
        foreach (Notification news in _notifications.Where(notification => notification.IsEnd && known?.Contains(notification.Id) == false).Reverse())
        {
            await NotifyAsync(news);
        }
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            _module = await JS.InvokeAsync<IJSObjectReference>("import", Ended, "./Components/Notifications/NotificationBell.razor.js");
            Take(await _module.InvokeAsync<BrowserState?>("start", Ended, _self));
            _started = true;
            StateHasChanged();
        }
        else if (_opened)
        {
            _opened = false;
            await _panel.FocusAsync();
        }
    }

    private static string IconOf(NotificationKind kind) => kind switch
    {
        NotificationKind.JobCompleted => Icons.Material.Outlined.CheckCircle,
        NotificationKind.JobFailed => Icons.Material.Outlined.ErrorOutline,
        NotificationKind.JobStopped => Icons.Material.Outlined.StopCircle,
        NotificationKind.JobPaused => Icons.Material.Outlined.PauseCircle,
        _ => Icons.Material.Outlined.WarningAmber,
    };

    private static string Title(Notification notification) => notification.Kind switch
    {
        NotificationKind.JobCompleted => L["{0} is completed", notification.JobName],
        NotificationKind.JobFailed => L["{0} failed", notification.JobName],
        NotificationKind.JobStopped => L["{0} was stopped", notification.JobName],
        NotificationKind.JobPaused => L["{0} is paused", notification.JobName],
        _ => L["{0}: warning", notification.JobName],
    };

    /// <summary>Texts are kept in English, with their figures; what the health check found, others read in their own language.</summary>
    private static string? Note(Notification notification) =>
        Language.Current != Language.English && HealthKind.All.FirstOrDefault(kind => kind.Code == notification.Code) is { } kind ? $"{L[kind.Title]} · {L[kind.Remedy]}" : notification.Text;

    private static string Gain(double before, double after) => L["Accuracy {0} → {1}", Controls.Display.Percent(before), Controls.Display.Percent(after)];

    private bool IsRead(Notification notification) => _read.Contains(notification.Id);

    private void Take(BrowserState? state)
    {
        if (state is not null)
        {
            _read = [.. state.Read];
            _browser = new(state.Wanted, state.Permission);
        }
    }

    private async Task NotifyAsync(Notification news)
    {
        if (_browser.IsOn && _module is not null)
        {
            string? text = news is { BaselineAccuracy: { } before, Accuracy: { } after } ? Gain(before, after) : Note(news);
            await _module.InvokeVoidAsync("notify", Ended, news.Id, Title(news), text ?? "", news.Href);
        }
    }

    private Task ToggleAsync()
    {
        if (_open)
        {
            return CloseAsync();
        }

        (_open, _opened) = (true, true);
        return Task.CompletedTask;
    }

    private async Task CloseAsync()
    {
        _open = false;
        await _button.FocusAsync();
    }

    private Task OnKeyAsync(KeyboardEventArgs key) => _open && key.Key == "Escape" ? CloseAsync() : Task.CompletedTask;

    private async Task OpenAsync(Notification notification)
    {
        _open = false;
        await ReadAsync([notification.Id]);
    }

    private Task ReadAllAsync() => ReadAsync([.. _notifications.Select(notification => notification.Id)]);

    private async Task ReadAsync(string[] ids)
    {
        if (_module is not null)
        {
            Take(await _module.InvokeAsync<BrowserState?>("read", Ended, (object)ids));
        }
    }
}

/// <summary>What the browser keeps.</summary>
/// <param name="Read">Ids of notifications that were read.</param>
/// <param name="Wanted">Whether the user switched notifications of the browser on.</param>
/// <param name="Permission">The browser's own word: <c>granted</c>, <c>denied</c>, <c>default</c>, or <c>unsupported</c>.</param>
public sealed record BrowserState(IReadOnlyList<string> Read, bool Wanted, string Permission);
