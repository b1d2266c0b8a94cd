using Microsoft.JSInterop;

namespace RftConsole.Web.Components.Layout;

/// <summary>What the user chose; <see cref="System"/> follows the browser.</summary>
public enum AppearanceMode
{
    System,
    Light,
    Dark,
}

/// <summary>
/// Light or dark in this browser tab. The choice is kept by the browser itself, so that the first paint is right already;
/// this is the circuit's view of it.
/// </summary>
public sealed class Appearance(IJSRuntime js) : IAsyncDisposable
{
    private DotNetObjectReference<Appearance>? _self;

    /// <summary>The user's choice.</summary>
    public AppearanceMode Mode { get; private set; }

    /// <summary>Whether dark is shown now.</summary>
    public bool IsDark { get; private set; }

    /// <summary>Raised after either changed.</summary>
    public event Action? Changed;

    /// <summary>Reads the browser's state and listens to it.</summary>
    public async Task StartAsync()
    {
        _self ??= DotNetObjectReference.Create(this);
        AppearanceState? state = await js.InvokeAsync<AppearanceState?>("rftAppearance.start", _self);
        Apply(state);
    }

    /// <summary>Stores a new choice in the browser.</summary>
    public async Task SetAsync(AppearanceMode mode) =>
        Apply(await js.InvokeAsync<AppearanceState?>("rftAppearance.set", mode.ToString().ToLowerInvariant()));

    /// <summary>Called by the browser when the system, or another tab, changed.</summary>
    [JSInvokable]
    public void OnBrowserChanged(AppearanceState state) => Apply(state);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_self is null)
        {
            return;
        }

        try
        {
            await js.InvokeVoidAsync("rftAppearance.end");
        }
        catch (JSDisconnectedException)
        {
            // The tab is closed, and its listeners went with it.
        }

        _self.Dispose();
    }

    private void Apply(AppearanceState? state)
    {
        if (state is null)
        {
            return;
        }

        Mode = Enum.TryParse(state.Mode, ignoreCase: true, out AppearanceMode mode) ? mode : AppearanceMode.System;
        IsDark = state.Dark;
        Changed?.Invoke();
    }
}

/// <summary>The browser's answer: the stored choice, and what it means now.</summary>
public sealed record AppearanceState(string Mode, bool Dark);
