using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Tests;

/// <summary>The one compute thread of the test process, and the models loaded on it.</summary>
public static class TestEngine
{
    private static readonly Lazy<ModelHost> s_models = new(() => new ModelHost(new ComputeThread(threads: 2)));

    public static ModelHost Models => s_models.Value;

    public static ComputeThread Compute => Models.Compute;

    /// <summary>Runs a slice on the compute thread.</summary>
    public static Task<T> RunAsync<T>(Func<T> slice) => Compute.RunAsync(WorkPriority.Training, slice);

    /// <inheritdoc cref="RunAsync{T}(Func{T})"/>
    public static Task RunAsync(Action slice) => Compute.RunAsync(WorkPriority.Training, slice);
}
