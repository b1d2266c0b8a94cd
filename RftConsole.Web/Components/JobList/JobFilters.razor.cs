using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>What is shown of the jobs: search, filters by what there is, columns, and, where headings have no room, the order.</summary>
public sealed partial class JobFilters
{
    /// <summary>What is shown now.</summary>
    [Parameter, EditorRequired]
    public required JobListQuery Query { get; set; }

    /// <summary>All jobs.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<JobSummary> Jobs { get; set; }

    /// <summary>Raised with what is to be shown.</summary>
    [Parameter]
    public EventCallback<JobListQuery> QueryChanged { get; set; }

    private IReadOnlyList<Choice> Statuses =>
        [.. Enum.GetValues<JobStatus>().Select(status => new Choice(status.ToString(), Display.Status(status), Jobs.Count(job => job.Status == status))).Where(choice => choice.Count > 0 || Query.Statuses.Any(status => status.ToString() == choice.Value))];

    private IReadOnlyList<Choice> BaseModels => Counted(Jobs.Select(job => job.BaseModel), Query.BaseModels);

    private IReadOnlyList<Choice> Tags => Counted(Jobs.SelectMany(job => job.Tags.Select(tag => Display.Tag(tag.Key, tag.Value))), Query.Tags);

    private static IReadOnlyList<Choice> Columns { get; } = [.. JobColumns.All.Select(column => new Choice(JobColumns.Key(column), JobColumns.Title(column), IsFixed: column == JobColumn.Name))];

    /// <summary>What occurs, and what is chosen although it does not occur any more: it has to be there to be given up.</summary>
    private static IReadOnlyList<Choice> Counted(IEnumerable<string> values, IReadOnlyList<string> chosen) =>
        [.. values.CountBy(value => value).Concat(chosen.Except(values).Select(value => KeyValuePair.Create(value, 0))).OrderBy(value => value.Key, StringComparer.OrdinalIgnoreCase).Select(value => new Choice(value.Key, value.Key, value.Value))];

    private static string Arrow(bool isFalling) => isFalling ? "↓" : "↑";

    private Task ChangeAsync(JobListQuery query) => QueryChanged.InvokeAsync(query with { Page = 1 });

    private Task SortAsync(ChangeEventArgs change)
    {
        string[] parts = ((string)change.Value!).Split(' ');
        return ChangeAsync(Query with { Sort = JobColumns.Find(parts[0]) ?? Query.Sort, IsFalling = bool.Parse(parts[1]) });
    }
}
