using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>Something that is done to several jobs at once.</summary>
/// <param name="Verb">What the button says.</param>
/// <param name="Done">What has been done to them then.</param>
/// <param name="Consequence">What it means, for the question before it.</param>
/// <param name="Obstacle">Why it cannot be done to a job; null where it can.</param>
/// <param name="Do">Does it to the job of an id.</param>
public sealed record BulkAction(string Verb, string Done, string Consequence, Func<JobSummary, string?> Obstacle, Func<IJobs, string, Task> Do)
{
    /// <summary>Ends jobs that run or wait.</summary>
    public static BulkAction Stop { get; } = new(
        Phrase("Stop"),
        Phrase("stopped"),
        Phrase("Jobs that run end after their current step, those that wait leave the queue. What was learnt is kept, and they can be resumed."),
        job => job.Status switch
        {
            JobStatus.Queued or JobStatus.InProgress => null,
            JobStatus.Stopping => L["stops already"],
            JobStatus.Paused => L["is paused: it does not run"],
            var status => L["has ended: {0}", Display.Status(status)],
        },
        (jobs, id) => jobs.StopAsync(id));

    /// <summary>Deletes jobs that do not run.</summary>
    public static BulkAction Delete { get; } = new(
        Phrase("Delete"),
        Phrase("deleted"),
        Phrase("Metrics, rollouts and files are deleted for good, of encrypted jobs the data key too: copies of their files cannot be read any more. Custom models stay."),
        job => job.Status switch
        {
            JobStatus.InProgress => L["is in progress: stop it first"],
            JobStatus.Stopping => L["is stopping: wait until it has ended"],
            _ => null,
        },
        (jobs, id) => jobs.DeleteAsync(id));

    /// <summary>A number of jobs in words.</summary>
    public static string Count(int jobs) => jobs == 1 ? L["1 job"] : L["{0} jobs", jobs];
}
