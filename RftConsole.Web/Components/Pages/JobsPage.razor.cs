using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.JobList;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Pages;

/// <summary>All jobs: searched, filtered, ordered, and acted on together. The address holds what is shown.</summary>
public sealed partial class JobsPage
{
    private const int PageSize = 50;

    private readonly HashSet<string> _selected = [];
    private JobListQuery _query = new();
    private IReadOnlyList<JobSummary> _all = [];
    private View? _view;
    private BulkReport? _report;

    /// <summary>The jobs.</summary>
    [Inject]
    public required IJobs Jobs { get; init; }

    /// <summary>Holds what is shown, and leads to the wizard.</summary>
    [Inject]
    public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromQuery(Name = "search")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "status")]
    public string[]? Statuses { get; set; }

    [SupplyParameterFromQuery(Name = "model")]
    public string[]? BaseModels { get; set; }

    [SupplyParameterFromQuery(Name = "tag")]
    public string[]? Tags { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    public string? SortColumn { get; set; }

    [SupplyParameterFromQuery(Name = "order")]
    public string? Order { get; set; }

    [SupplyParameterFromQuery(Name = "columns")]
    public string? Columns { get; set; }

    /// <summary>As text: a number that is none must not be a fault of the page.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    public string? PageNumber { get; set; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(null, changed)];

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        _query = JobListQuery.From(Search, Statuses, BaseModels, Tags, SortColumn, Order, Columns, PageNumber);
        if (_view is not null)
        {
            await ArrangeAsync(Ended);
        }

        await base.OnParametersSetAsync();
    }

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _all = await Jobs.ListAsync(cancellationToken);
        await ArrangeAsync(cancellationToken);
    }

    private async Task ArrangeAsync(CancellationToken cancellationToken)
    {
        JobListQuery query;
        IReadOnlyList<JobSummary> all;
        View view;
        do
        {
            (query, all) = (_query, _all);
            view = await ViewAsync(query, all, cancellationToken);
        }
        // Somebody went on, or there were news, while rewards were read.
        while (!ReferenceEquals(query, _query) || !ReferenceEquals(all, _all));

        _view = view;
        // Nothing that is not in sight may be acted on.
        _selected.IntersectWith(view.Matching.Select(job => job.Id));
    }

    private async Task<View> ViewAsync(JobListQuery query, IReadOnlyList<JobSummary> all, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>> rewards = new Dictionary<string, IReadOnlyList<RewardPoint>>();
        IReadOnlyList<JobSummary> matching = [.. all.Where(query.Matches)];
        if (query.Sort == JobColumn.Reward)
        {
            rewards = await Jobs.RewardCurvesAsync(matching, cancellationToken);
        }

        matching = JobColumns.Sort(matching, query.Sort, query.IsFalling, job => rewards.GetValueOrDefault(job.Id) is [.., RewardPoint last] ? last.Reward : null, DateTimeOffset.UtcNow);
        // A page that is no more, because jobs were deleted, is the last one.
        int page = Math.Clamp(query.Page, 1, Math.Max(1, (matching.Count + PageSize - 1) / PageSize));
        IReadOnlyList<JobSummary> rows = [.. matching.Skip((page - 1) * PageSize).Take(PageSize)];
        if (query.Columns.Contains(JobColumn.Reward) && query.Sort != JobColumn.Reward)
        {
            rewards = await Jobs.RewardCurvesAsync(rows, cancellationToken);
        }

        return new(all, matching, rows, rewards, page);
    }

    private string Address(JobListQuery query) => Navigation.GetUriWithQueryParameters("/jobs", query.ToParameters());

    /// <summary>Goes there; the letters of a search are one step of the way back, and not one each.</summary>
    private void Show(JobListQuery query) => Navigation.NavigateTo(Address(query), replace: query.Search.Length > 0 && _query.Search.Length > 0 && query.Search != _query.Search);

    private void Toggle(string id)
    {
        if (!_selected.Remove(id))
        {
            _selected.Add(id);
        }
    }

    private void Select(IReadOnlyList<string> ids)
    {
        _selected.Clear();
        _selected.UnionWith(ids);
    }

    private void SelectPage(ChangeEventArgs change)
    {
        IEnumerable<string> page = _view!.Rows.Select(job => job.Id);
        if (change.Value is true)
        {
            _selected.UnionWith(page);
        }
        else
        {
            _selected.ExceptWith(page);
        }
    }

    /// <summary>What is shown.</summary>
    /// <param name="All">All jobs, newest first.</param>
    /// <param name="Matching">Those that match, in order.</param>
    /// <param name="Rows">Those of the page.</param>
    /// <param name="Rewards">The course of the reward of each row's job.</param>
    /// <param name="Page">Counts from 1.</param>
    private sealed record View(IReadOnlyList<JobSummary> All, IReadOnlyList<JobSummary> Matching, IReadOnlyList<JobSummary> Rows, IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>> Rewards, int Page);
}
