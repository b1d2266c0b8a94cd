using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>Samples to grade, and functions that run in the real sandbox: where bubblewrap is missing, the tests fail with the message that names the command.</summary>
internal static class Grading
{
    /// <summary>Short limits and quick retries; the kind of function under test never needs more.</summary>
    public static RewardOptions Options { get; } = new()
    {
        SampleTimeout = TimeSpan.FromSeconds(5),
        BatchTimeout = TimeSpan.FromSeconds(5),
        RetryDelay = TimeSpan.FromMilliseconds(10),
    };

    public static RewardSample Sample(string id, string response, JsonNode? reference = null, JsonObject? metadata = null) =>
        new(id, [new("user", "What is 48 + 24?"), new("assistant", response)], reference, metadata ?? []);

    public static RewardSample[] Samples(int count) => [.. Enumerable.Range(0, count).Select(index => Sample($"r{index}:0", "#### 72", "72"))];

    public static Task<PythonRewardFunction> StartAsync(string source, RewardOptions? options = null) =>
        PythonRewardFunction.StartAsync("reward.py", source, options ?? Options, TestContext.Current.CancellationToken);

    /// <summary>A function whose handler's body is <paramref name="body"/>; its variable <c>scores</c> is what every sample gets, 1.0 by default.</summary>
    public static string Handler(string body, string before = "") => $$"""
        import os, sys, socket, time
        {{before}}
        def lambda_handler(event, context):
            score = 1.0
            metrics = []
        {{string.Join('\n', body.Split('\n').Select(line => "    " + line))}}
            return [{"id": sample["id"], "aggregate_reward_score": score, "metrics_list": metrics} for sample in event]
        """;

    /// <summary>Starts the function, grades <paramref name="count"/> samples and ends it.</summary>
    public static async Task<IReadOnlyList<RewardResult>> RunAsync(string source, int count = 1, RewardOptions? options = null)
    {
        await using PythonRewardFunction function = await StartAsync(source, options);
        return await function.ScoreAsync(Samples(count), TestContext.Current.CancellationToken);
    }

    /// <summary>Grades one sample with a handler of this body, and returns its result.</summary>
    public static async Task<RewardResult> RunBodyAsync(string body, RewardOptions? options = null, string before = "") =>
        Assert.Single(await RunAsync(Handler(body, before), 1, options));
}
