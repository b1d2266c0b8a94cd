using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards;

/// <summary>One completion to grade: the prompt's messages followed by the assistant's response.</summary>
/// <param name="Id"><c>record id:rollout</c>, unique within a call.</param>
/// <param name="Messages">The conversation; its last message is the response.</param>
/// <param name="ReferenceAnswer">A string, an object, or null.</param>
/// <param name="Metadata">The record's further keys.</param>
public sealed record RewardSample(string Id, IReadOnlyList<ChatMessage> Messages, JsonNode? ReferenceAnswer, JsonObject Metadata);

/// <summary>What an entry of <c>metrics_list</c> is for.</summary>
public enum RewardMetricType
{
    Reward,
    Metric,
}

/// <summary>One entry of <c>metrics_list</c>.</summary>
public sealed record RewardMetric(string Name, double Value, RewardMetricType Type);

/// <summary>The grade of one sample.</summary>
/// <param name="Id">The sample's id.</param>
/// <param name="Score"><c>aggregate_reward_score</c>, or the failure score where <paramref name="Error"/> is set.</param>
/// <param name="Metrics">The function's further figures.</param>
/// <param name="Error">Why the user's code could not grade this sample; null on success.</param>
/// <param name="Output">What the function printed while it graded this sample or its batch.</param>
public sealed record RewardResult(string Id, double Score, IReadOnlyList<RewardMetric> Metrics, string? Error, string Output)
{
    /// <summary>What is odd about the score although it counts, such as a value outside [-1, 1].</summary>
    public string? Warning { get; init; }

    /// <summary>
    /// Why a judge gave no verdict; null where there is a score. The sample is then left out of its group: <see cref="Score"/> is not a number, so that no sum
    /// can take it for one.
    /// </summary>
    public string? Unjudged { get; init; }

    /// <summary>Whether there is a score that counts.</summary>
    public bool IsJudged => Unjudged is null;

    /// <summary>The result of a sample that a judge gave no verdict on.</summary>
    public static RewardResult WithoutVerdict(string id, string reason, string output) => new(id, double.NaN, [], null, output) { Unjudged = reason };
}

/// <summary>Grades completions. Failures of the user's code are results with an error; failures of infrastructure are exceptions.</summary>
public interface IRewardFunction : IAsyncDisposable
{
    /// <summary>The template's name or the file's name, as shown to the user.</summary>
    string Name { get; }

    /// <summary>SHA-256 (lower-case hexadecimal) of everything that decides a score: a part of a job's identity.</summary>
    string ContentHash { get; }

    /// <summary>Name and version of each package that was installed for it.</summary>
    IReadOnlyList<string> Packages => [];

    /// <summary>Grades <paramref name="samples"/>; the results are in the same order.</summary>
    /// <exception cref="RewardInfrastructureException">The sandbox or the transport failed, also when tried again.</exception>
    Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken);
}

/// <summary>The reward could not be computed for a reason that is not the user's code. It never becomes a reward.</summary>
public sealed class RewardInfrastructureException : Exception
{
    public RewardInfrastructureException(string message)
        : base(message)
    {
    }

    public RewardInfrastructureException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
