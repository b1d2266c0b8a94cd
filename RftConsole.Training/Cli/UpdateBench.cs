using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary>One GRPO update: forward, backward and optimiser step.</summary>
internal static class UpdateBench
{
    private const int GroupSize = 8;

    public static async Task<BenchResult> RunAsync(ComputeThread compute, string modelName, (int BatchSize, int PromptTokens, int NewTokens) shape, int repeat, CancellationToken cancellationToken)
    {
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(modelName);
        var rollouts = Rollouts(model, shape);
        var state = await compute.RunAsync(WorkPriority.Training, () => PolicyState.Create(model.Decoder.Config, new Hyperparameters()), cancellationToken);
        await using var policy = new MergedPolicy(model, state.Adapter, compute);
        await using var trainer = new GrpoTrainer(policy, state.Optimizer, new(LossType.Dapo, 0, 0.2, 0.28, 1, shape.NewTokens, 1));
        await trainer.UpdateAsync(rollouts, 0, cancellationToken);
        var peak = await MatrixPeak.MeasureAsync(compute);
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await trainer.UpdateAsync(rollouts, 0, cancellationToken);
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        await compute.RunAsync(WorkPriority.Training, state.Dispose, CancellationToken.None);
        Array.Sort(seconds);

        // Useful work: each prompt once for its group, and each completion.
        long tokens = rollouts.Sum(x => (long)x.Completion.Length) + rollouts.Select(x => x.Prompt).Distinct().Sum(x => (long)x.Length);
        double perSecond = tokens / seconds[repeat / 2];
        return BenchResult.Of(peak, 4.0 * model.Decoder.Config.MatrixWeightCount * perSecond / 1e9, new Dictionary<string, double>
        {
            ["tokens_per_second"] = perSecond,
            ["fastest_seconds"] = seconds[0],
            ["median_seconds"] = seconds[repeat / 2],
            ["slowest_seconds"] = seconds[^1],
        });
    }

    private static TrainingRollout[] Rollouts(LoadedModel model, (int BatchSize, int PromptTokens, int NewTokens) shape)
    {
        int[][] prompts = [.. Enumerable.Range(0, (shape.BatchSize + GroupSize - 1) / GroupSize).Select(i => BenchTokens.Of(model, i, shape.PromptTokens))];
        float[] old = [.. Enumerable.Repeat(-5f, shape.NewTokens)];
        return [.. Enumerable.Range(0, shape.BatchSize).Select(i => new TrainingRollout(prompts[i / GroupSize], BenchTokens.Of(model, 1000 + i, shape.NewTokens), old, i % 2 == 0 ? 1 : -1))];
    }
}
