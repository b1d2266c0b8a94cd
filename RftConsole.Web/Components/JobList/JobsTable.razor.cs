using Microsoft.AspNetCore.Components;

using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>Jobs as a table; on a narrow screen each is a card. What is shown, and in which order, is the page's matter.</summary>
public sealed partial class JobsTable
{
    /// <summary>The rows, in their order.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Jobs { get; set; }

    /// <summary>The columns.</summary>
    [Parameter]
    public IReadOnlyList<JobColumn> Columns { get; set; } = JobColumns.Default;

    /// <summary>The course of each job's reward.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>> Rewards { get; set; } = new Dictionary<string, IReadOnlyList<RewardPoint>>();

    /// <summary>The column that orders the rows.</summary>
    [Parameter]
    public JobColumn? Sort { get; set; }

    /// <summary>From high to low.</summary>
    [Parameter]
    public bool IsFalling { get; set; }

    /// <summary>The address of the same page in the order of a column; null where the order is fixed.</summary>
    [Parameter]
    public Func<JobColumn, string>? SortHref { get; set; }

    /// <summary>Ids of the rows that are selected; null where rows cannot be selected.</summary>
    [Parameter]
    public IReadOnlySet<string>? Selected { get; set; }

    /// <summary>Raised with the id of a row that is to be selected, or not any more.</summary>
    [Parameter]
    public EventCallback<string> Toggle { get; set; }

    private string? AriaSort(JobColumn column) => column != Sort ? null : IsFalling ? "descending" : "ascending";
}
