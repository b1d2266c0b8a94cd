using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace RftConsole.Web.Components.Help;

/// <summary>The page that is shown, explained beside it; it stays open from page to page.</summary>
public sealed partial class HelpPanel
{
    private ElementReference _button;
    private ElementReference _panel;
    private bool _wasOpen;

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await State.StartAsync();
        }

        if (_wasOpen != State.IsOpen)
        {
            _wasOpen = State.IsOpen;
            await (_wasOpen ? _panel : _button).FocusAsync();
        }
    }

    private void OnKey(KeyboardEventArgs key)
    {
        if (key.Key == "Escape")
        {
            State.Set(false);
        }
    }
}
