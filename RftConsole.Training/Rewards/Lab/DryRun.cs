using System.Diagnostics;

using RftConsole.Training.Datasets;
using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>A response that has no grade yet.</summary>
/// <param name="Text">What the model, or a person, wrote.</param>
/// <param name="Truncated">It ended at the limit of tokens.</param>
public sealed record Response(string Text, bool Truncated = false);

/// <summary>Responses to one prompt: what a training step compares with one another.</summary>
public sealed record ResponseGroup(TrainingRecord Record, IReadOnlyList<Response> Responses);

/// <summary>A response with its grade.</summary>
public sealed record GradedResponse(Response Response, RewardResult Result);

/// <summary>A group with its grades.</summary>
public sealed record GradedGroup(TrainingRecord Record, IReadOnlyList<GradedResponse> Responses);

/// <summary>What a dry run found.</summary>
/// <param name="Groups">All responses, graded.</param>
/// <param name="Calls">Calls of the function.</param>
/// <param name="Elapsed">Time in them.</param>
public sealed record DryRunReport(IReadOnlyList<GradedGroup> Groups, int Calls, TimeSpan Elapsed)
{
    /// <summary>The figures.</summary>
    public DryRunStatistics Statistics { get; } = DryRunStatistics.Of(Groups);

    /// <summary>What one call took on average.</summary>
    public TimeSpan TimePerCall => Calls == 0 ? TimeSpan.Zero : Elapsed / Calls;
}

/// <summary>Runs a reward function on real responses without training anything.</summary>
public static class DryRun
{
    /// <param name="reward">The function.</param>
    /// <param name="groups">What is graded.</param>
    /// <param name="batchSize">Samples of a call.</param>
    /// <param name="progress">Told how many responses are graded.</param>
    /// <param name="cancellationToken">Ends it between and during calls.</param>
    /// <exception cref="RewardInfrastructureException">The function could not be reached.</exception>
    public static async Task<DryRunReport> RunAsync(IRewardFunction reward, IReadOnlyList<ResponseGroup> groups, int batchSize, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        RewardSample[] samples = Samples(groups);
        List<RewardResult> results = new(samples.Length);
        int calls = 0;
        long started = Stopwatch.GetTimestamp();
        foreach (RewardSample[] batch in samples.Chunk(batchSize))
        {
            results.AddRange(await reward.ScoreAsync(batch, cancellationToken));
            calls++;
            progress?.Report(results.Count);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        int next = 0;
        return new([.. groups.Select(group => new GradedGroup(group.Record, [.. group.Responses.Select(response => new GradedResponse(response, results[next++]))]))], calls, elapsed);
    }

    /// <summary>A record can stand in several groups, such as rollouts of two epochs; ids differ all the same.</summary>
    private static RewardSample[] Samples(IReadOnlyList<ResponseGroup> groups)
    {
        Dictionary<string, int> used = [];
        List<RewardSample> samples = [];
        foreach (ResponseGroup group in groups)
        {
            foreach (Response response in group.Responses)
            {
                int number = used.GetValueOrDefault(group.Record.Id);
                used[group.Record.Id] = number + 1;
                samples.Add(new($"{group.Record.Id}:{number}", [.. group.Record.Messages, new ChatMessage("assistant", response.Text)], group.Record.ReferenceAnswer, group.Record.Metadata));
            }
        }

        return [.. samples];
    }
}
