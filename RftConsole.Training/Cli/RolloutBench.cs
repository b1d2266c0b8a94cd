using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary>Decodes continuations of one prompt; only the decode steps are timed, sampling included.</summary>
internal static class RolloutBench
{
    public static async Task<BenchResult> RunAsync(ComputeThread compute, string modelName, (int BatchSize, int PromptTokens, int NewTokens) shape, int repeat, CancellationToken cancellationToken)
    {
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(modelName) with { EndTokens = new HashSet<int>() };

        // As a job samples: with an adapter merged into the weights.
        var state = await compute.RunAsync(WorkPriority.Training, () => PolicyState.Create(model.Decoder.Config, new Hyperparameters()), cancellationToken);
        await using var policy = new MergedPolicy(model, state.Adapter, compute);
        model = await policy.CurrentAsync(cancellationToken);
        int[] prompt = BenchTokens.Of(model, 0, shape.PromptTokens);
        await OnceAsync(compute, model, prompt, shape, cancellationToken);
        var peak = await MatrixPeak.MeasureAsync(compute);
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++)
        {
            seconds[i] = await OnceAsync(compute, model, prompt, shape, cancellationToken);
        }

        await compute.RunAsync(WorkPriority.Training, state.Dispose, CancellationToken.None);
        Array.Sort(seconds);
        double perSecond = (double)shape.BatchSize * (shape.NewTokens - 1) / seconds[repeat / 2];
        return BenchResult.Of(peak, 2.0 * model.Decoder.Config.MatrixWeightCount * perSecond / 1e9, new Dictionary<string, double>
        {
            ["tokens_per_second"] = perSecond,
            ["fastest_seconds"] = seconds[0],
            ["median_seconds"] = seconds[repeat / 2],
            ["slowest_seconds"] = seconds[^1],
        });
    }

    /// <summary>Seconds of the decode steps. The first token of each continuation comes from the prefill, which is not timed.</summary>
    private static async Task<double> OnceAsync(ComputeThread compute, LoadedModel model, int[] prompt, (int BatchSize, int PromptTokens, int NewTokens) shape, CancellationToken cancellationToken)
    {
        var batch = await compute.RunAsync(
            WorkPriority.Training,
            () => new DecodingBatch(model, null, [prompt], shape.BatchSize, new(1, 1, shape.NewTokens), (p, sample, token) => CounterRandom.Uniform(1, RandomStream.Evaluation, (ulong)sample, (ulong)token), shape.BatchSize),
            cancellationToken);
        while (batch.PromptIsNext)
        {
            await compute.RunAsync(WorkPriority.Training, batch.Advance, cancellationToken);
        }

        long start = Stopwatch.GetTimestamp();
        while (await compute.RunAsync(WorkPriority.Training, batch.Advance, cancellationToken))
        {
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await compute.RunAsync(WorkPriority.Training, batch.Dispose, CancellationToken.None);
        return seconds;
    }
}

/// <summary>Token ids for benchmarks: any will do.</summary>
internal static class BenchTokens
{
    public static int[] Of(LoadedModel model, int stream, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (int)(CounterRandom.Bits(7, (ulong)stream, (ulong)i) % (ulong)model.Decoder.Config.VocabularySize))];
}
