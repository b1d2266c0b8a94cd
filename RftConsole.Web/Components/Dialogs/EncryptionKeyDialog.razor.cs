using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Security;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Makes an encryption key of any kind; it closes with the key's name.</summary>
public sealed partial class EncryptionKeyDialog
{
    private string _name = "";
    private KeyKind _kind = KeyKind.Generated;
    private string _file = "";
    private string _passphrase = "";
    private string _again = "";
    private string _kmsKey = "";
    private string _region = "";
    private string _endpoint = "";
    private string _profile = "";
    private string? _failure;
    private bool _busy;

    [Inject]
    public required IEncryptionKeys Keys { get; init; }

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    private async Task AddAsync()
    {
        (_failure, _busy) = (null, true);
        try
        {
            if (_kind == KeyKind.Passphrase && _passphrase != _again)
            {
                throw new UserInputException(L["Passphrase again: the two differ."]);
            }

            KmsKey? kms = _kind == KeyKind.AwsKms ? new() { KeyId = _kmsKey.Trim(), Region = Given(_region), Endpoint = Given(_endpoint), Profile = Given(_profile) } : null;
            await Keys.AddAsync(new(_name, _kind, _file, _passphrase, kms));
            Dialog.Close(DialogResult.Ok(_name.Trim()));
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

    private static string? Given(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
