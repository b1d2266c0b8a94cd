using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Operations;

/// <summary>Counts what a job does by listening to its events on their way to the recorder.</summary>
internal sealed class MeteredJobEngine(IJobEngine inner, ConsoleMeter meter) : IJobEngine
{
    public async Task<JobFinished> RunAsync(JobSpecification specification, string folder, Func<JobEvent, ValueTask> onEvent, JobSignals signals)
    {
        // The metric counts all tokens of the job; the first step of a run says where it went on from.
        double? tokensBefore = null;
        JobFinished finished = await inner.RunAsync(
            specification,
            folder,
            async happened =>
            {
                await onEvent(happened);
                switch (happened)
                {
                    case RolloutsGraded graded:
                        meter.Graded(graded.Rollouts.Count);
                        break;
                    case JobPlanned { ResumedFromStep: null }:
                        tokensBefore = 0;
                        break;
                    case StepCompleted step:
                        double? tokens = Value(step, MetricNames.TokenCount);
                        meter.StepDone((long)(tokens - tokensBefore ?? 0), Value(step, MetricNames.StepTime), Value(step, MetricNames.RewardTime), (long)(Value(step, MetricNames.RewardErrors) ?? 0));
                        tokensBefore = tokens;
                        break;
                    default:
                        break;
                }
            },
            signals);
        meter.JobEnded(finished.Outcome.ToString());
        return finished;
    }

    public Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken) => inner.EstimateAsync(specification, cancellationToken);

    public Task<JobEstimate> EstimateAsync(DecoderConfig config, CancellationToken cancellationToken) => inner.EstimateAsync(config, cancellationToken);

    private static double? Value(StepCompleted step, string name) => step.Metrics.TryGetValue(name, out double value) && double.IsFinite(value) ? value : null;
}
