using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Web.Components.JobList;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks before something is done to several jobs, names them, and says to which of the chosen ones it cannot be done.</summary>
public sealed partial class BulkDialog
{
    private const int MostNames = 10;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is to be done.</summary>
    [Parameter, EditorRequired]
    public required BulkAction Action { get; set; }

    /// <summary>The jobs that were chosen for it.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Jobs { get; set; }

    private IReadOnlyList<JobSummary> Able => [.. Jobs.Where(job => Action.Obstacle(job) is null)];

    private IReadOnlyList<JobSummary> Unable => [.. Jobs.Where(job => Action.Obstacle(job) is not null)];

    private string Title => Able.Count > 0 ? L["{0} {1}?", L[Action.Verb], BulkAction.Count(Able.Count)]
        : Jobs.Count == 1 ? L["This job cannot be {0}", L[Action.Done]] : L["None of these jobs can be {0}", L[Action.Done]];

    /// <summary>Shows the dialog; true when the user agrees.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, BulkAction action, IReadOnlyList<JobSummary> jobs)
    {
        DialogParameters<BulkDialog> parameters = new() { { dialog => dialog.Action, action }, { dialog => dialog.Jobs, jobs } };
        IDialogReference shown = await dialogs.ShowAsync<BulkDialog>(L[action.Verb], parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        DialogResult? result = await shown.Result;
        return result is { Canceled: false };
    }
}
