namespace RftConsole.Training.Jobs;

/// <summary>What a job carries from step to step beside weights and moments; a checkpoint keeps it.</summary>
public sealed record JobProgress
{
    /// <summary>Optimiser steps done.</summary>
    public int Step { get; init; }

    /// <summary>The best validated step so far; the base model, step 0, does not count: it has no adapter.</summary>
    public int? BestStep { get; init; }

    /// <summary>Validations since the last that was better than all before it.</summary>
    public int EvaluationsWithoutBetter { get; init; }

    /// <summary>Validation metrics of the base model.</summary>
    public IReadOnlyDictionary<string, double>? Baseline { get; init; }

    /// <summary>Validation metrics of the best step.</summary>
    public IReadOnlyDictionary<string, double>? Best { get; init; }

    /// <summary>Tokens trained on, prompts included.</summary>
    public long TokenCount { get; init; }

    /// <summary>Bytes of each artefact that grows by step: what stands behind them belongs to steps that will come again.</summary>
    public IReadOnlyDictionary<string, long> FileLengths { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// Metrics of this step where its line is not in the files yet. A run that ends between two validations closes with one of its own, which belongs on that line;
    /// it must not count when the job goes on, or the job would not be the one that nothing interrupted.
    /// </summary>
    public SortedDictionary<string, double>? Unwritten { get; init; }

    /// <summary>
    /// Counts a validation in; that of step 0 is the baseline. Of steps with the same reward the later one is the best: validation is greedy, and where all its
    /// answers are right already, training still makes them likelier. For early stopping it is no improvement.
    /// </summary>
    public JobProgress Validated(IReadOnlyDictionary<string, double> metrics)
    {
        if (Step == 0)
        {
            return this with { Baseline = metrics };
        }

        double change = Best is null ? 1 : metrics[MetricNames.ValidationReward] - Best[MetricNames.ValidationReward];
        JobProgress counted = this with { EvaluationsWithoutBetter = change > 0 ? 0 : EvaluationsWithoutBetter + 1 };
        return change >= 0 ? counted with { BestStep = Step, Best = metrics } : counted;
    }
}
