using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Security;

namespace RftConsole.Web.Components.Controls;

/// <summary>The keys that can encrypt: added, unlocked, rotated, deleted. A passphrase goes in and never comes out.</summary>
public sealed partial class EncryptionKeysPanel
{
    private IReadOnlyList<EncryptionKeyView>? _keys;
    private string? _asked;
    private Question _question;
    private string _text = "";
    private string? _failure;
    private string? _done;
    private bool _busy;

    private enum Question
    {
        Unlock,
        Rotate,
    }

    [Inject]
    public required IEncryptionKeys Keys { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Keys.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _keys = await Keys.ListAsync(cancellationToken);

    private static string Place(EncryptionKey key) => key.Kind switch
    {
        KeyKind.KeyFile => key.Current.File!,
        KeyKind.AwsKms => key.Current.Kms!.KeyId,
        KeyKind.Passphrase => L["PBKDF2, {0} iterations", Display.Count(key.Current.Passphrase!.Iterations)],
        _ => L["version {0}", key.Current.Number],
    };

    private void Open(EncryptionKeyView key, Question question) => (_asked, _question, _text, _failure, _done) = (key.Key.Id, question, "", null, null);

    private async Task AddAsync()
    {
        IDialogReference shown = await Dialogs.ShowAsync<EncryptionKeyDialog>(L["Add encryption key"], new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        await shown.Result;
        await LoadAsync(Ended);
    }

    private Task SetDefaultAsync(string name) => TryAsync(
        () => Keys.SetDefaultAsync(name.Length == 0 ? null : name, Ended),
        name.Length == 0 ? L["New data sets are not encrypted."] : L["New data sets are encrypted with {0}.", name]);

    private async Task AnswerAsync(EncryptionKeyView key)
    {
        if (_question == Question.Unlock)
        {
            await TryAsync(() => Keys.UnlockAsync(key.Name, _text), L["{0} is unlocked until it is locked, or the console ends.", key.Name]);
        }
        else
        {
            int wrapped = 0;
            await TryAsync(
                async () => wrapped = await Keys.RotateAsync(new(key.Name, key.Key.Kind, key.Key.Kind == KeyKind.KeyFile ? _text : null, key.Key.Kind == KeyKind.Passphrase ? _text : null), Ended),
                null);
            _done = _failure is null ? L["{0} has a new version; {1} data keys are wrapped with it.", key.Name, Display.Count(wrapped)] : null;
        }

        _asked = _failure is null ? null : _asked;
    }

    private async Task DeleteAsync(EncryptionKeyView key)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Delete {0}?", key.Name], L["The key is destroyed for good. Backups that were encrypted with it cannot be read any more."], L["Delete"]))
        {
            await TryAsync(() => Keys.DeleteAsync(key.Name, Ended), L["{0} is destroyed.", key.Name]);
        }
    }

    private async Task TryAsync(Func<Task> action, string? done)
    {
        (_failure, _done, _busy) = (null, null, true);
        try
        {
            await action();
            _done = done;
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            (_busy, _text) = (false, "");
        }

        await LoadAsync(Ended);
    }
}
