using System.Diagnostics.Metrics;

using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Operations;

/// <summary>The console's own measurements, for Prometheus and OTLP. Names follow OpenTelemetry's conventions; Prometheus writes dots as underscores.</summary>
internal sealed class ConsoleMeter : IDisposable
{
    public const string Name = "RftConsole";

    /// <summary>Boundaries for times from a token to a validation: the standard ones are meant for milliseconds.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] };

    private readonly IDbContextFactory<ConsoleDbContext> _contexts;
    private readonly Meter _meter;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _rollouts;
    private readonly Counter<long> _rewardErrors;
    private readonly Counter<long> _jobsEnded;
    private readonly Histogram<double> _stepSeconds;
    private readonly Histogram<double> _rewardSeconds;

    public ConsoleMeter(IMeterFactory meters, IDbContextFactory<ConsoleDbContext> contexts, DataFolder folder)
    {
        _contexts = contexts;
        _meter = meters.Create(Name);
        _meter.CreateObservableGauge("rftconsole.jobs", CountJobs, description: "Jobs by status; those that are queued are the queue's length.");
        _meter.CreateObservableGauge("rftconsole.deployments", CountDeployments, description: "Deployments by status.");
        _meter.CreateObservableGauge("rftconsole.disk.free", () => new DriveInfo(folder.Root).AvailableFreeSpace, "By", "Room on the disk of the data folder.");
        _steps = _meter.CreateCounter<long>("rftconsole.job.steps", description: "Optimiser steps done.");
        _tokens = _meter.CreateCounter<long>("rftconsole.job.tokens", description: "Tokens of prompts and responses that were trained on.");
        _rollouts = _meter.CreateCounter<long>("rftconsole.job.rollouts", description: "Responses that were graded.");
        _rewardErrors = _meter.CreateCounter<long>("rftconsole.job.reward_errors", description: "Responses whose grading failed.");
        _jobsEnded = _meter.CreateCounter<long>("rftconsole.jobs.ended", description: "Runs of jobs that ended, by outcome.");
        _stepSeconds = _meter.CreateHistogram<double>("rftconsole.job.step.duration", "s", "Time of an optimiser step.", tags: null, Seconds);
        _rewardSeconds = _meter.CreateHistogram<double>("rftconsole.job.reward.duration", "s", "Time of a step's grading in the sandbox, by a judge or a remote function.", tags: null, Seconds);
    }

    public void StepDone(long tokens, double? seconds, double? rewardSeconds, long rewardErrors)
    {
        _steps.Add(1);
        _tokens.Add(tokens);
        _rewardErrors.Add(rewardErrors);
        if (seconds is { } step)
        {
            _stepSeconds.Record(step);
        }

        if (rewardSeconds is { } reward)
        {
            _rewardSeconds.Record(reward);
        }
    }

    public void Graded(int rollouts) => _rollouts.Add(rollouts);

    public void JobEnded(string outcome) => _jobsEnded.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();

    private List<Measurement<int>> CountJobs()
    {
        using ConsoleDbContext context = _contexts.CreateDbContext();
        Dictionary<JobStatus, int> counts = context.Jobs.GroupBy(row => row.Status).Select(group => new { group.Key, Count = group.Count() }).ToDictionary(group => group.Key, group => group.Count);
        // A status that no job has is 0 and not absent: rules compare with it.
        return [.. Enum.GetValues<JobStatus>().Select(status => new Measurement<int>(counts.GetValueOrDefault(status), new KeyValuePair<string, object?>("status", status.ToString())))];
    }

    private List<Measurement<int>> CountDeployments()
    {
        using ConsoleDbContext context = _contexts.CreateDbContext();
        return [.. context.Deployments.GroupBy(row => row.Status).Select(group => new { group.Key, Count = group.Count() }).AsEnumerable()
            .Select(group => new Measurement<int>(group.Count, new KeyValuePair<string, object?>("status", group.Key.ToString())))];
    }
}
