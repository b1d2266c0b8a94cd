using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.DataSets;
using RftConsole.Web.Security;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks for the key that a data set is encrypted with, and encrypts it; closed meanwhile, it leaves the data set as it was.</summary>
public sealed partial class DataSetKeyDialog : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<EncryptionKeyView>? _keys;
    private string? _name;
    private string? _failure;
    private int _percent;
    private bool _busy;

    [Inject]
    public required IDataSetEncryption Encryption { get; init; }

    [Inject]
    public required IEncryptionKeys Keys { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is encrypted.</summary>
    [Parameter, EditorRequired]
    public required UploadedDataSet DataSet { get; set; }

    /// <summary>Its key so far; null where it is not encrypted.</summary>
    [Parameter]
    public string? Current { get; set; }

    private string Title => Current is null ? L["Encrypt {0}", DataSet.Name] : L["Change the key of {0}", DataSet.Name];

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _keys = [.. (await Keys.ListAsync(_ended.Token)).Where(key => key.Name != Current)];
        _name = (_keys.FirstOrDefault(key => key.IsDefault) ?? _keys.FirstOrDefault())?.Name;
    }

    private void Cancel()
    {
        _ended.Cancel();
        Dialog.Cancel();
    }

    private async Task EncryptAsync()
    {
        (_failure, _busy, _percent) = (null, true, 0);
        try
        {
            await Encryption.EncryptAsync(DataSet.Id, _name!, new Progress<double>(Show), _ended.Token);
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The dialog has gone.
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

    /// <summary>A percent at a time: a large file has many pieces.</summary>
    private void Show(double share)
    {
        int percent = (int)(100 * share);
        if (_busy && percent > _percent)
        {
            _percent = percent;
            StateHasChanged();
        }
    }
}
