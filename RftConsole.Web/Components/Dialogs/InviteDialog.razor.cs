using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Security;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks for the name and the role of a new user; it stays open when the name is refused.</summary>
public sealed partial class InviteDialog
{
    private string _name = "";
    private ConsoleRole _role = ConsoleRole.Builder;
    private string? _error;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>Takes name and role, or throws a <see cref="UserInputException"/> that says why not.</summary>
    [Parameter, EditorRequired]
    public required Func<string, ConsoleRole, Task> Invite { get; set; }

    /// <summary>Shows the dialog; true when somebody was invited.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, Func<string, ConsoleRole, Task> invite)
    {
        IDialogReference shown = await dialogs.ShowAsync<InviteDialog>(
            L["Invite user"], new DialogParameters<InviteDialog> { { dialog => dialog.Invite, invite } }, new DialogOptions { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        return await shown.Result is { Canceled: false };
    }

    private async Task DoAsync()
    {
        try
        {
            await Invite(_name, _role);
            Dialog.Close(true);
        }
        catch (UserInputException refused)
        {
            _error = refused.Message;
        }
    }
}
