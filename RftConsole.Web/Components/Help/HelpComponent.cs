using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace RftConsole.Web.Components.Help;

/// <summary>A component that shows the help to the page that is shown.</summary>
public abstract class HelpComponent : ComponentBase, IDisposable
{
    [Inject]
    public required HelpState State { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>The help to the page that is shown.</summary>
    protected HelpTopic Topic => HelpTopic.Of(new Uri(Navigation.Uri).AbsolutePath);

    /// <inheritdoc />
    public void Dispose()
    {
        State.Changed -= OnChanged;
        Navigation.LocationChanged -= OnLocationChanged;
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        State.Changed += OnChanged;
        Navigation.LocationChanged += OnLocationChanged;
    }

    private void OnChanged() => _ = InvokeAsync(StateHasChanged);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => OnChanged();
}
