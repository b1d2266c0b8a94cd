using System.Diagnostics;
using System.Globalization;

using RftConsole.Training.Rewards;

namespace RftConsole.Training.Cli;

/// <summary>The time that custom reward code takes: the sandbox's start, completions through the mathematics template, and a call of a function that does nothing.</summary>
internal static class RewardBench
{
    private const int Completions = 1024;
    private const int Calls = 200;

    private const string Nothing = "def lambda_handler(event, context):\n    return [{\"id\": sample[\"id\"], \"aggregate_reward_score\": 0} for sample in event]\n";

    /// <summary>Medians of <paramref name="repeat"/> measurements.</summary>
    public static async Task<BenchResult> RunAsync(int repeat, CancellationToken cancellationToken)
    {
        RewardSample[] samples = [.. Enumerable.Range(0, Completions).Select(Sample)];
        List<double> starts = [];
        List<double> graded = [];
        List<double> calls = [];
        for (int round = 0; round < repeat; round++)
        {
            long started = Stopwatch.GetTimestamp();
            await using IRewardFunction template = await RewardFunctions.CreateAsync(new() { Template = "math-reasoning" }, ".", new(), cancellationToken);
            starts.Add(Seconds(started));
            await template.ScoreAsync(samples[..1], cancellationToken);
            graded.Add(await MeasureAsync(template, samples, cancellationToken));

            await using PythonRewardFunction nothing = await PythonRewardFunction.StartAsync("nothing.py", Nothing, new RewardOptions { BatchSize = 1 }, cancellationToken);
            await nothing.ScoreAsync(samples[..10], cancellationToken);
            calls.Add(await MeasureAsync(nothing, samples[..Calls], cancellationToken) * 1000 / Calls);
        }

        return new(new()
        {
            ["completions"] = Completions,
            ["start_seconds"] = Median(starts),
            ["seconds"] = Median(graded),
            ["seconds_with_start"] = Median([.. starts.Zip(graded, (start, grade) => start + grade)]),
            ["completions_per_second"] = Completions / Median(graded),
            ["milliseconds_per_call"] = Median(calls),
        });
    }

    private static RewardSample Sample(int index)
    {
        string answer = (index + 24).ToString(CultureInfo.InvariantCulture);
        string response = $"Natalia sold {index} clips in April.\nIn May she sold 48 / 2 = <<48/2=24>>24 clips.\nAltogether she sold {index} + 24 = {answer} clips in April and May.\n#### {answer}";
        return new($"bench:{index}", [new("user", "How many clips did Natalia sell?"), new("assistant", response)], answer, []);
    }

    private static async Task<double> MeasureAsync(IRewardFunction function, RewardSample[] samples, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(samples, cancellationToken);
        double seconds = Seconds(started);
        return results.FirstOrDefault(result => result.Error is not null) is { Error: { } error } ? throw new RewardInfrastructureException($"The reward function failed: {error}") : seconds;
    }

    private static double Seconds(long started) => Stopwatch.GetElapsedTime(started).TotalSeconds;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
