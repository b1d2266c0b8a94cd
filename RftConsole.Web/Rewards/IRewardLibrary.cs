using RftConsole.Training;
using RftConsole.Training.Jobs;

namespace RftConsole.Web.Rewards;

/// <summary>A reward function of the library.</summary>
/// <param name="Id">A part of its address.</param>
/// <param name="Name">Unique; also the name that the HTTP API knows it by.</param>
/// <param name="Type">Of its latest version, as in job files.</param>
/// <param name="LatestVersion">The number of its latest version.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ChangedAt">When its latest version was saved.</param>
/// <param name="Jobs">How many jobs run or ran one of its versions.</param>
public sealed record LibraryReward(string Id, string Name, string Type, int LatestVersion, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, int Jobs);

/// <summary>A saved version.</summary>
/// <param name="Id">Its id.</param>
/// <param name="RewardId">The function that it is a version of.</param>
/// <param name="Number">Counts from 1.</param>
/// <param name="Note">What its author wrote about it.</param>
/// <param name="ContentHash">SHA-256: equal for versions of equal content.</param>
/// <param name="CreatedAt">When it was saved.</param>
/// <param name="Specification">What a job runs; its files are absolute paths.</param>
public sealed record RewardVersion(string Id, string RewardId, int Number, string Note, string ContentHash, DateTimeOffset CreatedAt, RewardFunctionSpecification Specification);

/// <summary>A function with its versions, newest first.</summary>
public sealed record RewardEntry(LibraryReward Reward, IReadOnlyList<RewardVersion> Versions)
{
    /// <summary>The newest version.</summary>
    public RewardVersion Latest => Versions[0];
}

/// <summary>A job that runs or ran a version.</summary>
public sealed record RewardUser(string JobId, string JobName, int Version);

/// <summary>The version that a job runs.</summary>
public sealed record UsedReward(string RewardId, string Name, int Version);

/// <summary>Reward functions that users keep, with all their versions.</summary>
public interface IRewardLibrary
{
    /// <summary>The one that was changed last comes first.</summary>
    Task<IReadOnlyList<LibraryReward>> ListAsync(CancellationToken cancellationToken = default);

    Task<RewardEntry?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>By its name, letter case aside.</summary>
    Task<RewardEntry?> FindByNameAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>A new function with its first version; returns its id.</summary>
    /// <param name="name">1 to 63 letters, digits, hyphens, underscores and dots.</param>
    /// <param name="specification">What is kept. Files must lie in the data folder: <see cref="IRewardCode.KeepAsync"/>.</param>
    /// <param name="note">What to remember of this version.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The name is taken or cannot be used.</exception>
    Task<string> CreateAsync(string name, RewardFunctionSpecification specification, string note, CancellationToken cancellationToken = default);

    /// <summary>Saves a version after the latest one; content equal to it saves nothing.</summary>
    /// <returns>The version that has this content.</returns>
    /// <exception cref="UserInputException">The function has been deleted.</exception>
    Task<RewardVersion> SaveAsync(string id, RewardFunctionSpecification specification, string note, CancellationToken cancellationToken = default);

    /// <exception cref="UserInputException">The name is taken or cannot be used, or the function has been deleted.</exception>
    Task RenameAsync(string id, string name, CancellationToken cancellationToken = default);

    /// <summary>Deletes a function with its versions; jobs keep copies of what they ran.</summary>
    /// <exception cref="UserInputException">It has been deleted already.</exception>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Jobs that run or ran one of its versions, oldest first.</summary>
    Task<IReadOnlyList<RewardUser>> UsersAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>The version that a job runs; null where it is none of the library, or the function has been deleted.</summary>
    Task<UsedReward?> UsedByAsync(string jobId, CancellationToken cancellationToken = default);

    /// <summary>Remembers that a job runs a version.</summary>
    Task RecordUseAsync(string jobId, string versionId, CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="changed"/> when the library has news; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
