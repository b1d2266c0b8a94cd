using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary>How long a person waits for the first token of an answer while a job of the same model trains.</summary>
internal static class LatencyBench
{
    private const int GroupSize = 8;

    public static async Task<BenchResult> RunAsync(ComputeThread compute, string modelName, (int BatchSize, int PromptTokens, int NewTokens) shape, int repeat, CancellationToken cancellationToken)
    {
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(modelName) with { EndTokens = new HashSet<int>() };
        var state = await compute.RunAsync(WorkPriority.Training, () => PolicyState.Create(model.Decoder.Config, new Hyperparameters()), cancellationToken);
        await using var policy = new MergedPolicy(model, state.Adapter, compute);
        await using var trainer = new GrpoTrainer(policy, state.Optimizer, new(LossType.Dapo, 0, 0.2, 0.28, 1, shape.NewTokens, 1));
        int[] prompt = BenchTokens.Of(model, 999, 100);
        await FirstTokenAsync(compute, model, prompt, cancellationToken);

        using var enough = new CancellationTokenSource();
        long steps = 0;
        var training = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await StepAsync(policy, trainer, shape, steps, cancellationToken);
                    Interlocked.Increment(ref steps);
                }
            },
            cancellationToken);
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++)
        {
            // At any instant of a step, the same ones in each run.
            await Task.Delay(TimeSpan.FromMilliseconds(50 + (500 * CounterRandom.Uniform(3, (ulong)i))), cancellationToken);
            seconds[i] = await FirstTokenAsync(compute, model, prompt, cancellationToken);
        }

        await enough.CancelAsync();
        await training;
        await compute.RunAsync(WorkPriority.Training, state.Dispose, CancellationToken.None);
        Array.Sort(seconds);
        return new(new()
        {
            ["first_token_seconds_median"] = seconds[repeat / 2],
            ["first_token_seconds_p95"] = seconds[(int)Math.Ceiling(0.95 * repeat) - 1],
            ["first_token_seconds_slowest"] = seconds[^1],
            ["training_steps"] = steps,
        });
    }

    private static async Task<double> FirstTokenAsync(ComputeThread compute, LoadedModel model, int[] prompt, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var batch = await compute.RunAsync(WorkPriority.Interactive, () => new DecodingBatch(model, null, [prompt], 1, new(1, 1, 2), (_, _, _) => 0.5), cancellationToken);
        while (batch.TokensOf(0, 0).Count == 0)
        {
            await compute.RunAsync(WorkPriority.Interactive, batch.Advance, cancellationToken);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await compute.RunAsync(WorkPriority.Interactive, batch.Dispose, CancellationToken.None);
        return seconds;
    }

    private static async Task StepAsync(MergedPolicy policy, GrpoTrainer trainer, (int BatchSize, int PromptTokens, int NewTokens) shape, long step, CancellationToken cancellationToken)
    {
        var model = policy.Model;
        int[][] prompts = [.. Enumerable.Range(0, Math.Max(1, shape.BatchSize / GroupSize)).Select(i => BenchTokens.Of(model, i, shape.PromptTokens))];
        var completions = await new BatchGenerator(policy.Compute).GenerateAsync(
            await policy.CurrentAsync(cancellationToken),
            null,
            prompts,
            GroupSize,
            new SamplingOptions(1, 1, shape.NewTokens),
            (p, sample, token) => CounterRandom.Uniform((ulong)step, RandomStream.Evaluation, (ulong)p, (ulong)sample, (ulong)token),
            WorkPriority.Training,
            cancellationToken);
        await trainer.UpdateAsync(
            [.. completions.SelectMany((group, i) => group.Select((x, j) => new TrainingRollout(prompts[i], x.Tokens, x.LogProbabilities, j % 2 == 0 ? 1 : -1)))], 0, cancellationToken);
    }
}
