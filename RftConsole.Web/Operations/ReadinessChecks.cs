using Microsoft.Extensions.Diagnostics.HealthChecks;

using RftConsole.Training;
using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Operations;

/// <summary>The compute thread takes work: a person's slice comes before a job's, so this answers while one trains.</summary>
internal sealed class ComputeCheck(ComputeThread compute, TimeProvider time) : IHealthCheck
{
    /// <summary>A slice takes 300 ms at most; what waits so long is stuck.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await compute.RunAsync(WorkPriority.Interactive, () => { }, cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception problem) when (problem is TimeoutException or ObjectDisposedException)
        {
            return HealthCheckResult.Unhealthy("The compute thread does not answer.");
        }
    }
}

/// <summary>The disk of the data folder has room for a checkpoint.</summary>
internal sealed class DiskCheck(DataFolder folder) : IHealthCheck
{
    /// <summary>Below this, jobs would soon pause.</summary>
    public const long LeastBytes = 256L << 20;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge(new DriveInfo(folder.Root).AvailableFreeSpace));

    internal static HealthCheckResult Judge(long free) =>
        free >= LeastBytes ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"The disk of the data folder has {free} bytes left.");
}

/// <summary>The embedded model can be opened; looked at until it could once, because its files do not change.</summary>
internal sealed class ModelCheck : IHealthCheck
{
    private volatile bool _opened;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!_opened)
        {
            try
            {
                using ModelSource source = ModelSource.Open("starter");
                source.ReadTokenizer();
                using IDisposable? weights = source.OpenWeights() as IDisposable;
                _opened = true;
            }
            catch (Exception problem) when (problem is UserInputException or IOException or InvalidDataException)
            {
                return Task.FromResult(HealthCheckResult.Unhealthy("The embedded model cannot be opened."));
            }
        }

        return Task.FromResult(HealthCheckResult.Healthy());
    }
}
