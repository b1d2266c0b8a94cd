using System.Globalization;

using RftConsole.Training;
using RftConsole.Training.Compute;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Settings;

/// <summary>Threads that models compute with.</summary>
/// <param name="Wanted">From the next start on; null for one a processor thread.</param>
/// <param name="Now">What this console computes with.</param>
/// <param name="Machine">Processor threads of the machine.</param>
public sealed record ComputeThreadsView(int? Wanted, int Now, int Machine)
{
    /// <summary>Whether a restart is needed.</summary>
    public bool TakesRestart => (Wanted ?? Machine) != Now;
}

/// <summary>How many threads models compute with. The number is a part of what decides the last bit of a result, so it holds from one start to the next.</summary>
public interface IComputeThreads
{
    Task<ComputeThreadsView> ViewAsync(CancellationToken cancellationToken = default);

    /// <param name="threads">1 to the processor threads of the machine; null for all of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">It is outside that range.</exception>
    Task SetAsync(int? threads, CancellationToken cancellationToken = default);
}

/// <inheritdoc cref="IComputeThreads"/>
internal sealed class ComputeThreads(SettingStore settings, IServiceProvider services) : IComputeThreads
{
    private const string Key = "compute.threads";

    private static int Machine => Environment.ProcessorCount;

    /// <summary>What a console that starts computes with; null for all. A number of another machine that this one does not have is none.</summary>
    public async Task<int?> WantedAsync(CancellationToken cancellationToken = default) =>
        int.TryParse(await settings.FindAsync(Key, cancellationToken), CultureInfo.InvariantCulture, out int threads) && threads >= 1 && threads <= Machine ? threads : null;

    public async Task<ComputeThreadsView> ViewAsync(CancellationToken cancellationToken = default) =>
        new(await WantedAsync(cancellationToken), services.GetRequiredService<ComputeThread>().Threads, Machine);

    public Task SetAsync(int? threads, CancellationToken cancellationToken = default) => threads is null || (threads >= 1 && threads <= Machine)
        ? settings.SetAsync(Key, threads?.ToString(CultureInfo.InvariantCulture), cancellationToken)
        : throw new UserInputException($"Threads: {threads} is outside 1 to {Machine}, the processor threads of this machine.");
}
