using System.Globalization;

using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Settings;

namespace RftConsole.Web.Components.Settings;

/// <summary>What takes up the disk, by kind, and what can go.</summary>
public sealed partial class DataFolderPanel
{
    private DataFolderReport? _report;
    private string? _failure;
    private string? _done;
    private bool _busy;

    [Inject]
    public required IDataFolderUse Use { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _report = await Task.Run(() => Use.ViewAsync());

    private static string Title(FolderPart part) => part switch
    {
        FolderPart.Jobs => L["Jobs"],
        FolderPart.Models => L["Custom models"],
        FolderPart.DataSets => L["Data sets"],
        FolderPart.BaseModels => L["Downloaded base models"],
        FolderPart.RewardFunctions => L["Reward functions"],
        FolderPart.InvocationLogs => L["Invocation logs"],
        FolderPart.Imports => L["Unfinished imports"],
        FolderPart.Database => L["Database"],
        _ => L["Keys, certificates and the rest"],
    };

    private static string? Href(FolderPart part) => part switch
    {
        FolderPart.Jobs => "/jobs",
        FolderPart.Models => "/models",
        FolderPart.DataSets => "/datasets",
        FolderPart.BaseModels => "/base-models",
        FolderPart.RewardFunctions => "/rewards",
        FolderPart.InvocationLogs => "/deployments",
        _ => null,
    };

    private string Width(FolderPartUse use) => string.Create(CultureInfo.InvariantCulture, $"flex: {Math.Max(1, use.Bytes * 1000 / Math.Max(1, _report!.Bytes))} 0 0");

    private async Task AskLeftoversAsync()
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Delete the leftovers?"], L["Without the copies of the database there is no way back to an older version of the console, other than a backup."], L["Delete"]))
        {
            await CleanAsync(() => Use.DeleteLeftoversAsync());
        }
    }

    private async Task CleanAsync(Func<Task<long>> clean)
    {
        (_failure, _done, _busy) = (null, null, true);
        try
        {
            long freed = await Task.Run(clean);
            _done = L["{0} freed.", Display.Bytes(freed)];
        }
        catch (Exception refused) when (refused is UserInputException or IOException)
        {
            _failure = refused.Message;
        }
        finally
        {
            _busy = false;
        }

        _report = await Task.Run(() => Use.ViewAsync());
    }
}
