using Microsoft.JSInterop;

using RftConsole.Web.Components.Controls;

namespace RftConsole.Web.Components.Help;

/// <summary>Whether help is open in this tab, and which hints this browser has seen enough of.</summary>
public sealed class HelpState(IJSRuntime js) : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private IJSObjectReference? _module;
    private DotNetObjectReference<HelpState>? _self;
    private HashSet<string>? _dismissed;

    /// <summary>Whether the side panel is shown.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether any hint was dismissed.</summary>
    public bool HasDismissed => _dismissed is { Count: > 0 };

    /// <summary>Raised after either changed.</summary>
    public event Action? Changed;

    /// <summary>Asks the browser, once; to be called after a render.</summary>
    public async Task StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_module is null)
            {
                _self = DotNetObjectReference.Create(this);
                _module = await js.InvokeAsync<IJSObjectReference>("import", "./Components/Help/HelpPanel.razor.js");
                Take(await _module.InvokeAsync<string[]?>("start", _self));
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Whether a topic's hint is to be shown; false until the browser has answered.</summary>
    public bool ShowsHint(string topic) => _dismissed?.Contains(topic) == false;

    /// <summary>Called by the browser for the key.</summary>
    [JSInvokable]
    public void OnKey() => Set(!IsOpen);

    /// <summary>Shows or hides the side panel.</summary>
    public void Set(bool open)
    {
        IsOpen = open;
        Changed?.Invoke();
    }

    /// <summary>Shows a hint no more.</summary>
    public async Task DismissAsync(string topic) => Take(await _module!.InvokeAsync<string[]?>("dismiss", topic));

    /// <summary>Shows all hints again.</summary>
    public async Task ResetAsync()
    {
        await StartAsync();
        Take(await _module!.InvokeAsync<string[]?>("reset"));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _self?.Dispose();
        _starting.Dispose();
        await _module.EndAsync("end");
    }

    private void Take(string[]? dismissed)
    {
        _dismissed = [.. dismissed ?? []];
        Changed?.Invoke();
    }
}
