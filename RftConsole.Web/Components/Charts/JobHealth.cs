using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Charts;

/// <summary>What the engine's health check finds in a job's stored metrics, each step looked at once.</summary>
public sealed class JobHealth
{
    private readonly StepHealth _health = new();
    private readonly List<HealthFinding> _findings = [];
    private int _lastStep;
    private int _lastValidation = -1;

    /// <summary>In the order they were found.</summary>
    public IReadOnlyList<HealthFinding> Findings => _findings;

    /// <summary>The steps of the findings, for charts.</summary>
    public IReadOnlyList<ChartMark> Marks => [.. _findings.Where(found => found.Step > 0).Select(found => new ChartMark(found.Step, L[found.Kind.Title]))];

    /// <summary>Adds what is new; of a step that is known already only its validation, which comes later.</summary>
    public void Add(IEnumerable<StepMetrics> steps)
    {
        foreach (StepMetrics step in steps)
        {
            if (step.Step > _lastStep && step.Values.ContainsKey(MetricNames.Reward))
            {
                _lastStep = step.Step;
                _findings.AddRange(_health.After(step.Step, step.Values));
            }

            if (step.Step > _lastValidation && step.Values.ContainsKey(MetricNames.ValidationAccuracy) && step.Values.ContainsKey(MetricNames.ValidationReward))
            {
                _lastValidation = step.Step;
                _findings.AddRange(step.Step == 0 ? StepHealth.OfBaseline(step.Values) : _health.AfterValidation(step.Step, step.Values));
            }
        }
    }
}
