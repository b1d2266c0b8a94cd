using RftConsole.Training;

namespace RftConsole.Web.Settings;

/// <summary>What a part of the data folder is for.</summary>
public enum FolderPart
{
    Jobs,
    Models,
    DataSets,
    BaseModels,
    RewardFunctions,
    InvocationLogs,
    Imports,
    Database,
    Other,
}

/// <summary>One part of the data folder.</summary>
/// <param name="Part">What it is for.</param>
/// <param name="Bytes">What it takes up.</param>
/// <param name="Count">How many jobs, models … it holds; null where counting them says nothing.</param>
public sealed record FolderPartUse(FolderPart Part, long Bytes, int? Count);

/// <summary>What takes up the disk, and what can go.</summary>
/// <param name="Root">The data folder.</param>
/// <param name="FreeBytes">Room that is left on its disk.</param>
/// <param name="Parts">All of the folder, the largest part first.</param>
/// <param name="SpareCheckpointBytes">Checkpoints of ended jobs that are neither the last nor the best one.</param>
/// <param name="LeftoverBytes">Folders that nothing knows any more, as a console that was killed leaves them, and copies of the database from before it was brought up to date.</param>
public sealed record DataFolderReport(string Root, long FreeBytes, IReadOnlyList<FolderPartUse> Parts, long SpareCheckpointBytes, long LeftoverBytes)
{
    /// <summary>All of it.</summary>
    public long Bytes => Parts.Sum(part => part.Bytes);
}

/// <summary>The data folder's use of the disk, and what makes room.</summary>
public interface IDataFolderUse
{
    /// <summary>Measures the folder.</summary>
    Task<DataFolderReport> ViewAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes what <see cref="DataFolderReport.SpareCheckpointBytes"/> counts.</summary>
    /// <returns>The bytes that were freed.</returns>
    Task<long> FreeCheckpointsAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes what <see cref="DataFolderReport.LeftoverBytes"/> counts.</summary>
    /// <inheritdoc cref="FreeCheckpointsAsync" path="/returns"/>
    Task<long> DeleteLeftoversAsync(CancellationToken cancellationToken = default);

    /// <summary>Gives room inside the database file, as deleted jobs leave it, back to the disk.</summary>
    /// <inheritdoc cref="FreeCheckpointsAsync" path="/returns"/>
    /// <exception cref="UserInputException">A job runs: it must not wait for the database.</exception>
    Task<long> CompactAsync(CancellationToken cancellationToken = default);
}
