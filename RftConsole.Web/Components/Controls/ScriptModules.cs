using Microsoft.JSInterop;

namespace RftConsole.Web.Components.Controls;

/// <summary>The end of scripts that components have loaded.</summary>
internal static class ScriptModules
{
    /// <summary>Lets a script undo what it did, and gives it up; where the tab is closed, or its connection was lost, all of it has gone already.</summary>
    /// <param name="module">The script; null where it was never loaded.</param>
    /// <param name="undo">Its function that undoes; null where there is nothing to undo.</param>
    /// <param name="arguments">Of that function.</param>
    public static async ValueTask EndAsync(this IJSObjectReference? module, string? undo = null, params object?[] arguments)
    {
        if (module is null)
        {
            return;
        }

        try
        {
            if (undo is not null)
            {
                await module.InvokeVoidAsync(undo, arguments);
            }

            await module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
        }
    }
}
