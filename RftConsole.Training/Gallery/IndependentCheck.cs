using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;
using RftConsole.Training.Starter;

namespace RftConsole.Training.Gallery;

/// <summary>
/// Grades answers to a sample task by what its generator knows: 1 where right, else 0. No job trains on it; it is there to measure what a job, whose reward is a template
/// or a judge, has really gained.
/// </summary>
/// <param name="family">The family of the task.</param>
public sealed class IndependentCheck(ITaskFamily family) : IRewardFunction
{
    /// <inheritdoc/>
    public string Name => $"{family.Name} by its facts";

    /// <inheritdoc/>
    public string ContentHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Name)));

    /// <summary>The check of a sample task.</summary>
    public static IndependentCheck Of(string task) => new(StarterCorpus.Families.Single(family => family.Name == task));

    /// <inheritdoc/>
    /// <exception cref="UserInputException">A record has no facts.</exception>
    public Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RewardResult>>([.. samples.Select(sample => new RewardResult(sample.Id, IsRight(sample) ? 1 : 0, [], null, ""))]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Whether the last message of a sample is right.</summary>
    public bool IsRight(RewardSample sample) => family.IsRight(
        sample.Metadata[StarterSampleFiles.FactsKey] as JsonObject ?? throw new UserInputException($"{sample.Id}: the record has no \"{StarterSampleFiles.FactsKey}\" to check by"),
        sample.Messages[^1].Content);
}
