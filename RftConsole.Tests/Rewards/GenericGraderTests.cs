using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The skeleton as a job runs it: in the sandbox.</summary>
public sealed class GenericGraderTests
{
    private static readonly (string Response, string? Reference, double Score)[] s_cases =
    [
        ("Paris", "\"Paris\"", 1),
        ("  paris.\n", "\"Paris\"", 1),
        ("It is Paris, of course.", "\"Paris\"", 0.5),
        ("Comparisons", "\"Paris\"", 0),
        ("London", "\"Paris\"", 0),
        ("", "\"Paris\"", 0),
        ("Paris", "{\"answer\":\"Paris\"}", 1),
        ("72", "72", 1),
        ("172", "72", 0),
        ("42", "{\"value\":42,\"unit\":\"m\"}", 1),
        ("a+b", "\"a+b\"", 1),
        ("Paris", "\"\"", 0),
        ("Paris", null, 0),
    ];

    [Fact]
    public async Task Responses_are_compared_with_the_reference_whatever_its_form()
    {
        await using IRewardFunction function = await RewardFunctions.CreateAsync(new() { Template = "generic-grader" }, ".", new(), TestContext.Current.CancellationToken);
        RewardSample[] samples = [.. s_cases.Select((row, i) => Grading.Sample($"g:{i}", row.Response, row.Reference is { } json ? JsonNode.Parse(json) : null))];
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(samples, TestContext.Current.CancellationToken);

        Assert.Equal(s_cases.Select(row => row.Score), results.Select(result => result.Score));
        Assert.All(results.SkipLast(1), result => Assert.Null(result.Error));
        Assert.Contains("sample g:12 has no reference_answer", results[^1].Error);
        Assert.Equal(["exact_match", "contains_answer"], results[0].Metrics.Select(metric => metric.Name));
    }
}
