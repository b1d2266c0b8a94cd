using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>What can be done to the jobs that are selected.</summary>
public sealed partial class JobBulkBar
{
    private string? _progress;

    [Inject]
    public required IJobs Service { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>The jobs that are selected.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Selected { get; set; }

    /// <summary>The jobs that could be, on other pages of the list too.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Matching { get; set; }

    /// <summary>Raised with the ids that are to be selected.</summary>
    [Parameter]
    public EventCallback<IReadOnlyList<string>> SelectedChanged { get; set; }

    /// <summary>Raised with what was done, and with what was refused.</summary>
    [Parameter]
    public EventCallback<BulkReport> Reported { get; set; }

    private bool IsBusy => _progress is not null;

    private async Task DoAsync(BulkAction action)
    {
        IReadOnlyList<JobSummary> chosen = Selected;
        if (await BulkDialog.AskAsync(Dialogs, action, chosen))
        {
            await ForEachAsync([.. chosen.Where(job => action.Obstacle(job) is null)], action.Done, job => action.Do(Service, job.Id));
        }
    }

    private async Task TagAsync()
    {
        IReadOnlyList<JobSummary> chosen = Selected;
        if (await TagsDialog.AskAsync(Dialogs, chosen) is { } change)
        {
            await ForEachAsync(chosen, Phrase("tagged"), job => Service.ChangeTagsAsync(job.Id, change));
        }
    }

    /// <summary>
    /// One job after the other: what one of them refuses is no matter of the others. It goes on to the end although the page may be left or this bar be gone,
    /// because nothing is selected any more: what was agreed to is not half done.
    /// </summary>
    private async Task ForEachAsync(IReadOnlyList<JobSummary> jobs, string done, Func<JobSummary, Task> act)
    {
        List<string> refusals = [];
        foreach ((int index, JobSummary job) in jobs.Index())
        {
            _progress = L["{0} of {1}…", index + 1, BulkAction.Count(jobs.Count)];
            StateHasChanged();
            try
            {
                await act(job);
            }
            catch (UserInputException refused)
            {
                refusals.Add(refused.Message);
            }
        }

        _progress = null;
        await Reported.InvokeAsync(new(L["{0} {1}.", BulkAction.Count(jobs.Count - refusals.Count), L[done]], refusals));
    }
}

/// <summary>How it went.</summary>
/// <param name="Text">What was done.</param>
/// <param name="Refusals">What was not, and why.</param>
public sealed record BulkReport(string Text, IReadOnlyList<string> Refusals);
