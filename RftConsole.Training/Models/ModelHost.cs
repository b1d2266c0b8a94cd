using RftConsole.Training.Compute;

namespace RftConsole.Training.Models;

/// <summary>Loads base models once and shares their weights between jobs, deployments and the playground.</summary>
public sealed class ModelHost(ComputeThread compute) : IAsyncDisposable
{
    public ComputeThread Compute { get; } = compute;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
