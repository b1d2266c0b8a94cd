using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary>
/// Answers to many callers at once, each with a prompt of its own, beside rollouts of the same number that share one: what the serving lane costs before any HTTP. Unlike
/// a rollout's, its time holds the prompts too.
/// </summary>
internal static class ServeBench
{
    public static async Task<BenchResult> RunAsync(ComputeThread compute, string modelName, (int BatchSize, int PromptTokens, int NewTokens) shape, int repeat, CancellationToken cancellationToken)
    {
        var rollout = await RolloutBench.RunAsync(compute, modelName, shape, repeat, cancellationToken);
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(modelName) with { EndTokens = new HashSet<int>() };
        ServingLane lane = new(model, compute);
        int[][] prompts = [.. Enumerable.Range(0, shape.BatchSize).Select(i => BenchTokens.Of(model, i, shape.PromptTokens))];
        await OnceAsync(lane, model, prompts, shape.NewTokens, cancellationToken);
        double[] seconds = new double[repeat];
        List<double> first = [];
        for (int i = 0; i < repeat; i++)
        {
            long start = Stopwatch.GetTimestamp();
            first.AddRange(await OnceAsync(lane, model, prompts, shape.NewTokens, cancellationToken));
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        first.Sort();
        double perSecond = (double)shape.BatchSize * shape.NewTokens / seconds[repeat / 2];
        return new(new(rollout.Values.Where(x => x.Key.StartsWith("gemm", StringComparison.Ordinal)).ToDictionary())
        {
            ["tokens_per_second"] = perSecond,
            ["rollout_tokens_per_second"] = rollout.Values["tokens_per_second"],
            ["fraction_of_rollout"] = perSecond / rollout.Values["tokens_per_second"],
            ["first_token_seconds_median"] = first[first.Count / 2],
            ["first_token_seconds_p95"] = first[(int)Math.Ceiling(0.95 * first.Count) - 1],
            ["median_seconds"] = seconds[repeat / 2],
        });
    }

    /// <summary>Seconds until each caller's first token.</summary>
    private static Task<double[]> OnceAsync(ServingLane lane, LoadedModel model, int[][] prompts, int newTokens, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        return Task.WhenAll(prompts.Select((prompt, i) => Task.Run(
            async () =>
            {
                Generation.SequenceGroup group = new(prompt, 1, new(1, 1, newTokens), (_, token) => CounterRandom.Uniform(1, RandomStream.Chat, (ulong)i, (ulong)token), model.Decoder.Config);
                double? first = null;
                await foreach (TokenRun run in lane.Submit(group).ReadAllAsync(cancellationToken))
                {
                    first ??= Stopwatch.GetElapsedTime(start).TotalSeconds;
                }

                return first!.Value;
            },
            cancellationToken)));
    }
}
