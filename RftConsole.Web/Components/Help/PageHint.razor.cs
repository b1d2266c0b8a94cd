using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace RftConsole.Web.Components.Help;

/// <summary>What somebody who sees the page for the first time should know, until they have seen enough of it.</summary>
public sealed partial class PageHint
{
    [Inject]
    public required HelpState State { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private HelpTopic Topic => HelpTopic.Of(new Uri(Navigation.Uri).AbsolutePath);

    /// <inheritdoc />
    public void Dispose()
    {
        State.Changed -= OnChanged;
        Navigation.LocationChanged -= OnLocationChanged;
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
