using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>One job of the <see cref="JobsTable"/>. News of one job draw its row alone: the rows of jobs that did not change are left as they are.</summary>
public sealed partial class JobRow
{
    /// <summary>How long "3 min ago" may stand.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);

    private (JobSummary Job, IReadOnlyList<JobColumn> Columns, IReadOnlyList<RewardPoint> Rewards, bool? IsSelected) _drawn;
    private DateTimeOffset _drawnAt;

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public required JobSummary Job { get; set; }

    /// <summary>The columns.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobColumn> Columns { get; set; }

    /// <summary>The course of its reward.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RewardPoint> Rewards { get; set; }

    /// <summary>Null where rows cannot be selected.</summary>
    [Parameter]
    public bool? IsSelected { get; set; }

    /// <summary>Raised with the job's id when it is to be selected, or not any more.</summary>
    [Parameter]
    public EventCallback<string> Toggle { get; set; }

    private string PhaseText => Job switch
    {
        { QueuePosition: { } place } => Display.Place(place),
        { Pausing: true } => L["pauses after this step"],
        { Phase: { } phase } => Display.Phase(phase),
        _ => Display.None,
    };

    /// <summary>A card, which has a line for each column, leaves out those that say nothing.</summary>
    private string? CellClass(JobColumn column)
    {
        bool isEmpty = column switch
        {
            JobColumn.TimeLeft => Job.TimeLeft is null,
            JobColumn.Reward => Rewards.Count == 0,
            JobColumn.Gain => Job is { BaselineAccuracy: null, BestAccuracy: null },
            JobColumn.Duration => Job.Elapsed(DateTimeOffset.UtcNow) is null,
            JobColumn.Tags => Job.Tags.Count == 0,
            _ => false,
        };
        return (JobColumns.IsNumber(column), isEmpty) switch
        {
            (true, true) => "num empty",
            (true, false) => "num",
            (false, true) => "empty",
            _ => column == JobColumn.Name ? "name" : null,
        };
    }

    /// <inheritdoc />
    protected override bool ShouldRender()
    {
        bool isRunning = Job.Status is JobStatus.InProgress or JobStatus.Stopping;
        return _drawn != (Job, Columns, Rewards, IsSelected) || isRunning || DateTimeOffset.UtcNow - _drawnAt >= s_fresh;
    }

    /// <inheritdoc />
    protected override void OnAfterRender(bool firstRender) => (_drawn, _drawnAt) = ((Job, Columns, Rewards, IsSelected), DateTimeOffset.UtcNow);
}
