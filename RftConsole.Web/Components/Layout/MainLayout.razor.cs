using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace RftConsole.Web.Components.Layout;

/// <summary>The frame of every page: bar, drawer, and a boundary that keeps a page's fault inside the page.</summary>
public sealed partial class MainLayout : IAsyncDisposable
{
    private Appearance _appearance = null!;
    private ErrorBoundary? _boundary;
    private bool _drawerOpen = true;
    private bool _ready;

    [Inject]
    public required IJSRuntime JS { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string SkipLink => new Uri(Navigation.Uri).PathAndQuery + "#content";

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _appearance.Changed -= OnAppearanceChanged;
        await _appearance.DisposeAsync();
    }

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        _appearance = new Appearance(JS);
        _appearance.Changed += OnAppearanceChanged;
        Navigation.LocationChanged += OnLocationChanged;
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _appearance.StartAsync();
            _ready = true;
            StateHasChanged();
        }
    }

    private void ToggleDrawer() => _drawerOpen = !_drawerOpen;

    private Task ToggleAppearanceAsync() => _appearance.SetAsync(_appearance.IsDark ? AppearanceMode.Light : AppearanceMode.Dark);

    private void Recover() => _boundary?.Recover();

    private void OnAppearanceChanged() => _ = InvokeAsync(StateHasChanged);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(Recover);
}
