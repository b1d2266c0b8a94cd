using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Charts;

/// <summary>One value of a metric.</summary>
public readonly record struct MetricPoint(int Step, double Value);

/// <summary>
/// The metrics of a job as they came, by name. Charts take from it what they have not shown yet, so that a live job costs
/// a few numbers an update and no rendering.
/// </summary>
public sealed class MetricFeed
{
    private readonly Dictionary<string, List<MetricPoint>> _series = [];

    /// <summary>Raised after points were added.</summary>
    public event Action? Added;

    /// <summary>The last step known; -1 before the first.</summary>
    public int LastStep { get; private set; } = -1;

    /// <summary>Names seen so far, in the order they came.</summary>
    public IReadOnlyCollection<string> Names => _series.Keys;

    /// <summary>All values of a metric, by step.</summary>
    public IReadOnlyList<MetricPoint> Points(string name) => _series.TryGetValue(name, out List<MetricPoint>? points) ? points : [];

    /// <summary>Adds what is new; a step that is known already only adds names it did not have (its validation comes later).</summary>
    public void Add(IEnumerable<StepMetrics> steps)
    {
        bool added = false;
        foreach (StepMetrics step in steps)
        {
            LastStep = Math.Max(LastStep, step.Step);
            foreach ((string name, double value) in step.Values)
            {
                if (!_series.TryGetValue(name, out List<MetricPoint>? points))
                {
                    _series[name] = points = [];
                }

                if (points.Count == 0 || points[^1].Step < step.Step)
                {
                    points.Add(new MetricPoint(step.Step, value));
                    added = true;
                }
            }
        }

        if (added)
        {
            Added?.Invoke();
        }
    }
}
