using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks for a name and does something with it; it stays open, with the name in it, when that is refused.</summary>
public sealed partial class NameDialog
{
    private string _name = "";
    private string? _error;
    private bool _busy;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is asked.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>The button that does it.</summary>
    [Parameter, EditorRequired]
    public required string Action { get; set; }

    /// <summary>What stands there at first.</summary>
    [Parameter]
    public string Name { get; set; } = "";

    /// <summary>Takes the name, or throws a <see cref="UserInputException"/> that says why not.</summary>
    [Parameter, EditorRequired]
    public required Func<string, Task> Do { get; set; }

    /// <summary>Shows the dialog; true when the name was taken.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, string title, string action, string name, Func<string, Task> take)
    {
        DialogParameters<NameDialog> parameters = new() { { dialog => dialog.Title, title }, { dialog => dialog.Action, action }, { dialog => dialog.Name, name }, { dialog => dialog.Do, take } };
        IDialogReference shown = await dialogs.ShowAsync<NameDialog>(title, parameters, new DialogOptions { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        DialogResult? result = await shown.Result;
        return result is { Canceled: false };
    }

    /// <inheritdoc />
    protected override void OnInitialized() => _name = Name;

    private async Task DoAsync()
    {
        _busy = true;
        try
        {
            await Do(_name);
            Dialog.Close(true);
        }
        catch (UserInputException refused)
        {
            const string aboutName = "Name: ";
            _error = refused.Message.StartsWith(aboutName, StringComparison.Ordinal) ? refused.Message[aboutName.Length..] : refused.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
