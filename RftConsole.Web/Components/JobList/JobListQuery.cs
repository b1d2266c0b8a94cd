using System.Globalization;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>What the page of jobs shows: search, filters, order, columns and page. It stands in the address, so that a link shows the same and the way back leads through what was shown.</summary>
public sealed record JobListQuery
{
    /// <summary>A part of the job's name, or of its model's.</summary>
    public string Search { get; init; } = "";

    /// <summary>Statuses to show; none: all.</summary>
    public IReadOnlyList<JobStatus> Statuses { get; init; } = [];

    /// <summary>Base models to show; none: all.</summary>
    public IReadOnlyList<string> BaseModels { get; init; } = [];

    /// <summary>Tags as <see cref="Display.Tag"/> writes them. Of several values of one key a job needs one; of several keys it needs all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The column that orders the jobs.</summary>
    public JobColumn Sort { get; init; } = JobColumn.Created;

    /// <summary>From high to low.</summary>
    public bool IsFalling { get; init; } = true;

    /// <summary>Columns, in their order; the name is always one of them.</summary>
    public IReadOnlyList<JobColumn> Columns { get; init; } = JobColumns.Default;

    /// <summary>Counts from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Whether some jobs may be left out.</summary>
    public bool IsFiltered => Search.Length > 0 || Statuses.Count > 0 || BaseModels.Count > 0 || Tags.Count > 0;

    /// <summary>The same order and columns without search and filters.</summary>
    public JobListQuery WithoutFilters() => this with { Search = "", Statuses = [], BaseModels = [], Tags = [], Page = 1 };

    /// <summary>Reads the values of an address; what nobody understands is left out.</summary>
    public static JobListQuery From(string? search, string[]? statuses, string[]? baseModels, string[]? tags, string? sort, string? order, string? columns, string? page)
    {
        JobColumn by = JobColumns.Find(sort) ?? JobColumn.Created;
        JobColumn[] chosen = [.. (columns ?? "").Split(',', StringSplitOptions.TrimEntries).Select(JobColumns.Find).OfType<JobColumn>()];
        return new()
        {
            Search = search?.Trim() ?? "",
            Statuses = [.. (statuses ?? []).Where(name => Enum.IsDefined(typeof(JobStatus), name)).Select(Enum.Parse<JobStatus>).Distinct().Order()],
            BaseModels = [.. (baseModels ?? []).Distinct()],
            Tags = [.. (tags ?? []).Distinct()],
            Sort = by,
            IsFalling = order switch { "asc" => false, "desc" => true, _ => JobColumns.FallsFirst(by) },
            Columns = columns is null ? JobColumns.Default : [.. chosen.Append(JobColumn.Name).Distinct().Order()],
            Page = int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : 1,
        };
    }

    /// <summary>The values of the address; null stands for what need not be said.</summary>
    public Dictionary<string, object?> ToParameters() => new()
    {
        ["search"] = Search.Length == 0 ? null : Search,
        ["status"] = Statuses.Select(status => status.ToString()).ToArray(),
        ["model"] = BaseModels.ToArray(),
        ["tag"] = Tags.ToArray(),
        ["sort"] = Sort == JobColumn.Created ? null : JobColumns.Key(Sort),
        ["order"] = IsFalling == JobColumns.FallsFirst(Sort) ? null : IsFalling ? "desc" : "asc",
        ["columns"] = Columns.SequenceEqual(JobColumns.Default) ? null : string.Join(',', Columns.Select(JobColumns.Key)),
        ["page"] = Page == 1 ? null : Page,
    };

    /// <summary>Ordered by a column: the other way round where it is ordered by it already.</summary>
    public JobListQuery SortedBy(JobColumn column) => this with { Sort = column, IsFalling = column == Sort ? !IsFalling : JobColumns.FallsFirst(column), Page = 1 };

    /// <summary>Whether a job is shown.</summary>
    public bool Matches(JobSummary job) =>
        (Search.Length == 0 || job.Name.Contains(Search, StringComparison.OrdinalIgnoreCase) || job.CustomModelName.Contains(Search, StringComparison.OrdinalIgnoreCase))
        && (Statuses.Count == 0 || Statuses.Contains(job.Status))
        && (BaseModels.Count == 0 || BaseModels.Contains(job.BaseModel))
        && MatchesTags(job);

    private bool MatchesTags(JobSummary job)
    {
        if (Tags.Count == 0)
        {
            return true;
        }

        HashSet<string> has = [.. job.Tags.Select(tag => Display.Tag(tag.Key, tag.Value))];
        return Tags.GroupBy(KeyOf).All(wanted => wanted.Any(has.Contains));
    }

    private static string KeyOf(string tag) => tag.IndexOf(Display.TagSeparator, StringComparison.Ordinal) is var at and >= 0 ? tag[..at] : tag;
}
