using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Compare;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Pages;

/// <summary>Several jobs beside each other. The address holds which, and which of them is the baseline.</summary>
public sealed partial class ComparePage
{
    /// <summary>More lines in a chart cannot be told apart.</summary>
    internal const int MostJobs = 6;

    private IReadOnlyList<JobSummary> _all = [];
    private IReadOnlyList<JobDetails> _jobs = [];
    private IReadOnlyList<ChartDefinition> _charts = [];
    private Dictionary<string, MetricFeed> _feeds = [];
    private ChartBoard? _board;
    private double _smoothing;
    private string _axis = "step";
    private bool _onlyDifferences = true;

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>Ids, with commas between them.</summary>
    [SupplyParameterFromQuery(Name = "jobs")]
    public string? JobIds { get; set; }

    /// <summary>The id of the job that the others are measured by.</summary>
    [SupplyParameterFromQuery(Name = "baseline")]
    public string? Baseline { get; set; }

    /// <inheritdoc />
    protected override object? Scope => JobIds;

    private string[] Ids => [.. (JobIds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Take(MostJobs)];

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(null, changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _all = await Jobs.ListAsync(cancellationToken);
        List<JobDetails> jobs = [];
        Dictionary<string, MetricFeed> feeds = [];
        foreach (string id in Ids)
        {
            if (await Jobs.FindAsync(id, cancellationToken) is not { } job)
            {
                continue;
            }

            MetricFeed feed = _feeds.GetValueOrDefault(Prefix(job)) ?? new();
            feed.Add(await Jobs.MetricsAsync(id, feed.LastStep - 1, cancellationToken));
            jobs.Add(job);
            feeds[Prefix(job)] = feed;
        }

        (_jobs, _feeds) = (jobs, feeds);
        _charts = [.. ChartDefinition.All.SelectMany(Overlaid)];
    }

    private static string Prefix(JobDetails job) => job.Summary.Id + "\n";

    private static string Colour(int index) => $"background: var(--chart-{(index % 6) + 1})";

    /// <summary>A chart with a line a job; where a chart of one job has training and validation, validation becomes one of its own.</summary>
    private IEnumerable<ChartDefinition> Overlaid(ChartDefinition chart)
    {
        foreach (ChartSeries series in chart.Series.Where((series, index) => index == 0 || (series.IsDashed && chart.Id == "Accuracy")))
        {
            string name = series.IsDashed ? $"{chart.Name}, validation" : chart.Name;
            yield return chart with
            {
                Title = series.IsDashed ? L["{0}, validation", L[chart.Title]] : L[chart.Title],
                Explanation = L[chart.Explanation],
                Name = name,
                // The jobs belong to the identity: a chart that gets another line is a new one.
                Id = $"{name}:{string.Join(',', _jobs.Select(job => job.Summary.Id))}",
                Series = [.. _jobs.Select(job => new ChartSeries(Prefix(job) + series.Metric, job.Summary.Name))],
            };
        }
    }

    private string? Against(JobDetails job, RunResult result, Func<RunResult, double?> figure, bool asPercent = false)
    {
        JobDetails? baseline = _jobs.FirstOrDefault(other => other.Summary.Id == Baseline);
        if (baseline is null || baseline == job || figure(result) - figure(RunResult.Of(baseline, _feeds[Prefix(baseline)])) is not { } difference)
        {
            return null;
        }

        return asPercent ? $"({Display.Points(difference)})" : $"({Display.Signed(difference)})";
    }

    private void Go(string[] ids, string? baseline) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["jobs"] = ids.Length == 0 ? null : string.Join(',', ids),
        ["baseline"] = baseline,
    }));
}
