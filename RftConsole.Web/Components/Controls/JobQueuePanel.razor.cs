using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Controls;

/// <summary>The jobs that wait, in order, and what can be done to that order.</summary>
public sealed partial class JobQueuePanel
{
    /// <summary>A long queue must not push the jobs out of sight.</summary>
    private const int Shown = 5;

    private string? _refused;
    private bool _showsAll;

    [Inject]
    public required IJobs Service { get; init; }

    /// <summary>All jobs; those that wait are shown.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Jobs { get; set; }

    private IReadOnlyList<JobSummary> Waiting => [.. Jobs.Where(job => job.QueuePosition is not null).OrderBy(job => job.QueuePosition)];

    private Task MoveAsync(JobSummary job, QueueMove move) => DoAsync(() => Service.MoveAsync(job.Id, move));

    private Task CancelAsync(JobSummary job) => DoAsync(() => Service.StopAsync(job.Id));

    /// <summary>The page that holds this hears of the change and shows it.</summary>
    private async Task DoAsync(Func<Task> action)
    {
        _refused = null;
        try
        {
            await action();
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }
    }
}
