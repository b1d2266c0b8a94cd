using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Reward code in memory; a test says what is wrong with it.</summary>
public sealed class FakeRewardCode : IRewardCode
{
    public CodeProblem? Problem { get; set; }

    public Dictionary<string, string> Kept { get; } = [];

    public Task<CodeProblem?> CheckAsync(string source, CancellationToken cancellationToken = default) => Task.FromResult(Problem);

    public Task<string> ReadAsync(string file, CancellationToken cancellationToken = default) => Task.FromResult(Kept[file]);

    public Task<string> KeepAsync(string source, CancellationToken cancellationToken = default)
    {
        string file = $"/data/rewards/{Kept.Count}/reward.py";
        Kept[file] = source;
        return Task.FromResult(file);
    }
}
