using System.Globalization;

using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Layout;

/// <summary>The job that runs now, seen from every page. Each page has one: it is drawn again only when it says something else.</summary>
public sealed partial class RunningJob
{
    private View? _view;
    private View? _drawn;

    [Inject]
    public required IJobs Jobs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(null, changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JobSummary> jobs = await Jobs.ListAsync(cancellationToken);
        _view = jobs.FirstOrDefault(job => job.Status is JobStatus.InProgress or JobStatus.Stopping) is { } job
            ? new(job.Id, job.Name, Describe(job), job.StepsDone, job.TotalSteps, job.TimeLeft is { } left ? Display.Duration(left) : null, jobs.Count(other => other.Status == JobStatus.Queued))
            : null;
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _view != _drawn;

    /// <inheritdoc />
    protected override void OnAfterRender(bool firstRender) => _drawn = _view;

    private static string Describe(JobSummary job) => job switch
    {
        { Pausing: true } => L["Pausing"],
        { Status: JobStatus.InProgress, Phase: { } phase and not JobPhase.Training } => Display.Phase(phase),
        _ => Display.Status(job.Status),
    };

    private static string Width(View view) => string.Create(CultureInfo.InvariantCulture, $"width: {100.0 * view.StepsDone / view.TotalSteps:0.#}%");

    /// <summary>What is shown.</summary>
    private sealed record View(string Id, string Name, string State, int StepsDone, int TotalSteps, string? TimeLeft, int Waiting)
    {
        /// <summary>All of it in one sentence.</summary>
        public string Text => string.Join(", ", new[]
        {
            L["Job {0}: {1}", Name, State],
            TotalSteps > 0 ? L["step {0} of {1}", StepsDone, TotalSteps] : null,
            TimeLeft is null ? null : L["about {0} left", TimeLeft],
            Waiting > 0 ? L["{0} queued", Waiting] : null,
        }.OfType<string>());
    }
}
