using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Security;
using RftConsole.Web.Security.Accounts;

namespace RftConsole.Web.Components.Pages;

/// <summary>Who may sign in, and as what.</summary>
public sealed partial class UsersPage
{
    private IReadOnlyList<AccountView>? _users;
    private string? _refused;
    private PasswordLink? _link;
    private string _linkFor = "";

    [Inject]
    public required IAccounts Accounts { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required ConsoleOptions Options { get; init; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _users = await Accounts.ListAsync();

    private static string StateText(AccountState state) => state switch
    {
        AccountState.Active => L["Active|user"],
        AccountState.Invited => L["Invited"],
        AccountState.LockedOut => L["Locked out"],
        _ => L["Disabled"],
    };

    private static string StateTone(AccountState state) => state switch
    {
        AccountState.Active => "good",
        AccountState.Invited => "busy",
        AccountState.LockedOut => "held",
        _ => "bad",
    };

    private async Task InviteAsync()
    {
        (string Name, ConsoleRole Role)? invited = null;
        bool done = await InviteDialog.AskAsync(Dialogs, async (name, role) =>
        {
            _link = await Accounts.InviteAsync(name, role);
            invited = (name, role);
        });
        if (done && invited is { } user)
        {
            _linkFor = user.Name;
            _refused = null;
            _users = await Accounts.ListAsync();
        }
    }

    private async Task ResetAsync(AccountView user)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Reset the password of {0}?", user.Name], L["Password and second factor go, and all sessions end. You get a link for them to choose a new password."], L["Reset"]))
        {
            await DoAsync(async () =>
            {
                _link = await Accounts.ResetAsync(user.Id);
                _linkFor = user.Name;
            });
        }
    }

    private async Task DeleteAsync(AccountView user)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Delete {0}?", user.Name], L["They cannot sign in any more. What they made stays, and so does the audit log."], L["Delete"]))
        {
            await DoAsync(() => Accounts.DeleteAsync(user.Id));
        }
    }

    private async Task DoAsync(Func<Task> change)
    {
        _refused = null;
        try
        {
            await change();
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }

        _users = await Accounts.ListAsync();
    }
}
