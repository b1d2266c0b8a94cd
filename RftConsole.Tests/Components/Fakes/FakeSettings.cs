using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Settings;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Settings in memory.</summary>
public sealed class FakeSettings : IHyperparameterDefaults, IComputeThreads, IDataFolderUse
{
    public Hyperparameters Defaults { get; set; } = new();

    public ComputeThreadsView Threads { get; set; } = new(null, 2, 2);

    public DataFolderReport Report { get; set; } = new("/data", 1L << 33, [new(FolderPart.Jobs, 3 << 20, 2), new(FolderPart.Database, 1 << 20, null)], 2 << 20, 0);

    public List<string> Cleaned { get; } = [];

    public Task<Hyperparameters> FindAsync(CancellationToken cancellationToken = default) => Task.FromResult(Defaults);

    public Task SetAsync(Hyperparameters defaults, CancellationToken cancellationToken = default)
    {
        Defaults = defaults;
        return Task.CompletedTask;
    }

    Task<ComputeThreadsView> IComputeThreads.ViewAsync(CancellationToken cancellationToken) => Task.FromResult(Threads);

    public Task SetAsync(int? threads, CancellationToken cancellationToken = default)
    {
        if (threads is < 1 or > 2)
        {
            throw new UserInputException($"Threads: {threads} is outside 1 to 2, the processor threads of this machine.");
        }

        Threads = Threads with { Wanted = threads };
        return Task.CompletedTask;
    }

    Task<DataFolderReport> IDataFolderUse.ViewAsync(CancellationToken cancellationToken) => Task.FromResult(Report);

    public Task<long> FreeCheckpointsAsync(CancellationToken cancellationToken = default)
    {
        Cleaned.Add("checkpoints");
        long freed = Report.SpareCheckpointBytes;
        Report = Report with { SpareCheckpointBytes = 0 };
        return Task.FromResult(freed);
    }

    public Task<long> DeleteLeftoversAsync(CancellationToken cancellationToken = default)
    {
        Cleaned.Add("leftovers");
        return Task.FromResult(0L);
    }

    public Task<long> CompactAsync(CancellationToken cancellationToken = default) => throw new UserInputException("A job runs: pause or stop it before you compact the database, or wait for its end.");
}
