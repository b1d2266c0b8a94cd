using Microsoft.AspNetCore.Components;

using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Layout;

/// <summary>The job that runs now, seen from every page.</summary>
public sealed partial class RunningJob
{
    private JobSummary? _running;

    [Inject]
    public required IJobs Jobs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(null, changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JobSummary> jobs = await Jobs.ListAsync(cancellationToken);
        _running = jobs.FirstOrDefault(job => job.Status is JobStatus.InProgress or JobStatus.Stopping);
    }
}
