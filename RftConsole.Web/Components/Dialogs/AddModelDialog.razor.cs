using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Hub;
using RftConsole.Web.Catalogue;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Registers a model; it stays open, with everything in it, when the catalogue refuses.</summary>
public sealed partial class AddModelDialog
{
    private bool _fromHub = true;
    private string _reference = "";
    private string _path = "";
    private string _name = "";
    private bool _busy;
    private string? _failure;

    [Inject]
    public required IBaseModels Models { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    private async Task AddAsync()
    {
        _busy = true;
        _failure = null;
        try
        {
            string name = _fromHub ? await Models.DownloadAsync(HubReference.Parse(_reference), _name) : await Models.AddPathAsync(_path, _name);
            Dialog.Close(DialogResult.Ok(name));
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
