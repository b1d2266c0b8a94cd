using RftConsole.Training;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Reward code in memory; a test says what is wrong with it.</summary>
public sealed class FakeRewardCode : IRewardCode
{
    public CodeProblem? Problem { get; set; }

    /// <summary>Why packages cannot be installed.</summary>
    public string? RefusePackages { get; set; }

    /// <summary>Lists of packages that were asked for, in order.</summary>
    public List<string> Installations { get; } = [];

    public Dictionary<string, string> Kept { get; } = [];

    public Task<CodeProblem?> CheckAsync(string source, string requirements = "", CancellationToken cancellationToken = default) => Task.FromResult(Problem);

    public Task<IReadOnlyList<string>> InstallAsync(string requirements, CancellationToken cancellationToken = default)
    {
        Installations.Add(requirements);
        return RefusePackages is { } refused ? throw new UserInputException(refused) : Task.FromResult<IReadOnlyList<string>>([requirements.Replace("==", " ", StringComparison.Ordinal)]);
    }

    public Task<string> ReadAsync(string file, CancellationToken cancellationToken = default) => Task.FromResult(Kept[file]);

    public Task<string> KeepAsync(string source, CancellationToken cancellationToken = default) => Keep(source, "reward.py");

    public Task<string> KeepRequirementsAsync(string requirements, CancellationToken cancellationToken = default) => Keep(requirements, "requirements.txt");

    private Task<string> Keep(string content, string name)
    {
        string file = $"/data/rewards/{Kept.Count}/{name}";
        Kept[file] = content;
        return Task.FromResult(file);
    }
}
