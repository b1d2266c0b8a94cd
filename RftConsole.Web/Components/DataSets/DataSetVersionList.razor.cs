using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.DataSets;

/// <summary>All versions of a data set: what changed, which jobs used it, and what can be done with it.</summary>
public sealed partial class DataSetVersionList
{
    private int? _open;
    private string? _failure;

    [Inject]
    public required IDataSetVersions Store { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>The data set.</summary>
    [Parameter, EditorRequired]
    public required string DataSetId { get; set; }

    /// <summary>The version that the page shows.</summary>
    [Parameter, EditorRequired]
    public int Shown { get; set; }

    /// <summary>Newest first.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<DataSetVersion> Versions { get; set; }

    /// <summary>Jobs of all versions.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<DataSetUser> Users { get; set; }

    /// <summary>Asks the page to show a version.</summary>
    [Parameter]
    public EventCallback<int> Open { get; set; }

    private static string Change(DataSetVersion version) =>
        version.Edit!.After is null
            ? L["Line {0} of version {1} deleted", Display.Count(version.Edit.Line), version.Parent]
            : L["Line {0} of version {1} edited", Display.Count(version.Edit.Line), version.Parent];

    private async Task DeleteAsync(DataSetVersion version)
    {
        int number = version.DataSet.Version;
        string[] jobs = [.. Users.Where(user => user.Version == number).Select(user => user.JobName)];
        string text = jobs.Length == 0 ? L["No job uses it. Its file is gone for good."] : L["Used by {0}. Jobs keep copies of their own; the file here is gone for good.", string.Join(", ", jobs)];
        if (await ConfirmDialog.AskAsync(Dialogs, L["Delete version {0}?", number], text, L["Delete"]))
        {
            await DoAsync(() => Store.DeleteAsync(DataSetId, number));
        }
    }

    private async Task DoAsync(Func<Task> work)
    {
        _failure = null;
        try
        {
            await work();
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
    }
}
