using Microsoft.AspNetCore.Components;

using MudBlazor;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks before something that cannot be taken back.</summary>
public sealed partial class ConfirmDialog
{
    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>The question.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>What will happen.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>The button that does it.</summary>
    [Parameter, EditorRequired]
    public required string Action { get; set; }

    /// <summary>The button that does not.</summary>
    [Parameter]
    public string Keep { get; set; } = L["Cancel"];

    /// <summary>Shows the dialog; true when the user agrees.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, string title, string text, string action, string? keep = null)
    {
        DialogParameters<ConfirmDialog> parameters = new() { { dialog => dialog.Title, title }, { dialog => dialog.Text, text }, { dialog => dialog.Action, action }, { dialog => dialog.Keep, keep ?? L["Cancel"] } };
        IDialogReference shown = await dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        DialogResult? result = await shown.Result;
        return result is { Canceled: false };
    }
}
