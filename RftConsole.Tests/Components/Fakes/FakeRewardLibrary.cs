using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>A library in memory.</summary>
public sealed class FakeRewardLibrary : IRewardLibrary
{
    private readonly List<RewardEntry> _entries = [];

    public FakeNews News { get; } = new();

    /// <summary>Jobs and the versions that they ran, in order.</summary>
    public List<(string JobId, string VersionId)> Uses { get; } = [];

    public Dictionary<string, List<RewardUser>> Users { get; } = [];

    public Dictionary<string, UsedReward> UsedBy { get; } = [];

    public string? RefuseName { get; set; }

    public RewardEntry this[string id] => _entries.Single(entry => entry.Reward.Id == id);

    /// <summary>Adds a function with one version for each specification.</summary>
    public RewardEntry Add(string name, params RewardFunctionSpecification[] versions)
    {
        string id = $"reward-{_entries.Count + 1}";
        RewardVersion[] saved = [.. versions.Select((specification, index) => Version(id, index + 1, specification, $"note {index + 1}")).Reverse()];
        _entries.Add(new(new(id, name, saved[0].Specification.Type, versions.Length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0), saved));
        return _entries[^1];
    }

    public Task<IReadOnlyList<LibraryReward>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<LibraryReward>>([.. _entries.Select(entry => entry.Reward)]);

    public Task<RewardEntry?> FindAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(_entries.FirstOrDefault(entry => entry.Reward.Id == id));

    public Task<RewardEntry?> FindByNameAsync(string name, CancellationToken cancellationToken = default) => Task.FromResult(_entries.FirstOrDefault(entry => entry.Reward.Name == name));

    public Task<string> CreateAsync(string name, RewardFunctionSpecification specification, string note, CancellationToken cancellationToken = default) =>
        RefuseName is { } refused ? throw new UserInputException(refused) : Task.FromResult(Add(name, specification).Reward.Id);

    public Task<RewardVersion> SaveAsync(string id, RewardFunctionSpecification specification, string note, CancellationToken cancellationToken = default)
    {
        RewardEntry entry = this[id];
        RewardVersion version = Version(id, entry.Latest.Number + 1, specification, note);
        Replace(new(entry.Reward with { LatestVersion = version.Number }, [version, .. entry.Versions]));
        return Task.FromResult(version);
    }

    public Task RenameAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        Replace(this[id] with { Reward = this[id].Reward with { Name = RefuseName is { } refused ? throw new UserInputException(refused) : name } });
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        _entries.RemoveAll(entry => entry.Reward.Id == id);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<RewardUser>> UsersAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<RewardUser>>(Users.GetValueOrDefault(id) ?? []);

    public Task<UsedReward?> UsedByAsync(string jobId, CancellationToken cancellationToken = default) => Task.FromResult(UsedBy.GetValueOrDefault(jobId));

    public Task RecordUseAsync(string jobId, string versionId, CancellationToken cancellationToken = default)
    {
        Uses.Add((jobId, versionId));
        return Task.CompletedTask;
    }

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);

    private static RewardVersion Version(string id, int number, RewardFunctionSpecification specification, string note) =>
        new($"{id}-v{number}", id, number, note, new string((char)('a' + number), 64), DateTimeOffset.UnixEpoch, specification);

    private void Replace(RewardEntry entry) => _entries[_entries.FindIndex(other => other.Reward.Id == entry.Reward.Id)] = entry;
}
