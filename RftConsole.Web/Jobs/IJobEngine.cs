using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.DataSets;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Jobs;

/// <summary>The console's border with the trainer: everything before it is rows and pages, everything behind it tensors.</summary>
internal interface IJobEngine
{
    /// <inheritdoc cref="RftJob.RunAsync"/>
    Task<JobFinished> RunAsync(JobSpecification specification, string folder, Func<JobEvent, ValueTask> onEvent, JobSignals signals);

    /// <inheritdoc cref="JobEstimator.EstimateAsync(JobSpecification, CancellationToken)"/>
    Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken);

    /// <inheritdoc cref="JobEstimator.EstimateAsync(DecoderConfig, CancellationToken)"/>
    Task<JobEstimate> EstimateAsync(DecoderConfig config, CancellationToken cancellationToken);
}

/// <summary>Runs jobs in this process.</summary>
internal sealed class InProcessJobEngine(ModelHost models, JobEstimator estimator, IJudgeEndpoints endpoints, IS3Settings s3) : IJobEngine
{
    public async Task<JobFinished> RunAsync(JobSpecification specification, string folder, Func<JobEvent, ValueTask> onEvent, JobSignals signals) =>
        await new RftJob(specification, folder, models, services: new() { Secret = endpoints.SecretsOf(specification.RewardFunction) }, s3: await s3.ConnectionAsync(signals.Shutdown)).RunAsync(onEvent, signals);

    public Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken) =>
        estimator.EstimateAsync(specification, cancellationToken);

    public Task<JobEstimate> EstimateAsync(DecoderConfig config, CancellationToken cancellationToken) => estimator.EstimateAsync(config, cancellationToken);
}
