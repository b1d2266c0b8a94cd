using System.CommandLine;
using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>bench gemm|rollout|serve|train|pretrain|latency|reward</c>: speed, beside the machine's own matrix-multiply peak measured in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var repeat = new Option<int>("--repeat") { Description = "Repetitions; the median counts", DefaultValueFactory = _ => 5 };
        var model = new Option<string>("--model") { Description = "A registered name (starter) or a model folder", DefaultValueFactory = _ => BaseModels.Starter };

        var gemm = new Command("gemm", $"fp32 products of {MatrixPeak.Size}³") { repeat, json };
        gemm.SetAction((parsed, _) => RunAsync(parsed.GetValue(json), async compute =>
        {
            var peak = await MatrixPeak.MeasureAsync(compute, Math.Max(1, parsed.GetValue(repeat)));
            double[] faster = peak.Kernels[^1] > peak.Library[^1] ? peak.Kernels : peak.Library;
            return BenchResult.Of(peak, faster[faster.Length / 2], new Dictionary<string, double>());
        }));

        var rolloutShape = new BenchShape(64, 100, 48);
        var rollout = new Command("rollout", "Sampling of continuations that share a prompt, at temperature 1") { model, rolloutShape.BatchSize, rolloutShape.PromptTokens, rolloutShape.NewTokens, repeat, json };
        rollout.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), compute => RolloutBench.RunAsync(compute, parsed.GetValue(model)!, rolloutShape.Of(parsed), Math.Max(1, parsed.GetValue(repeat)), cancellationToken)));

        var serveShape = new BenchShape(64, 100, 48);
        var serve = new Command("serve", "Answers to callers whose prompts all differ, at temperature 1, beside rollouts of the same shape") { model, serveShape.BatchSize, serveShape.PromptTokens, serveShape.NewTokens, repeat, json };
        serve.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), compute => ServeBench.RunAsync(compute, parsed.GetValue(model)!, serveShape.Of(parsed), Math.Max(1, parsed.GetValue(repeat)), cancellationToken)));

        var trainShape = new BenchShape(64, 73, 36);
        var train = new Command("train", "One GRPO update of rollouts in groups of eight") { model, trainShape.BatchSize, trainShape.PromptTokens, trainShape.NewTokens, repeat, json };
        train.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), compute => UpdateBench.RunAsync(compute, parsed.GetValue(model)!, trainShape.Of(parsed), Math.Max(1, parsed.GetValue(repeat)), cancellationToken)));

        var documents = new Option<int>("--documents") { Description = "Texts of the batch", DefaultValueFactory = _ => 32 };
        var pretrain = new Command("pretrain", "One step of pretraining of the starter's shape, on texts of 30 to 300 tokens") { documents, repeat, json };
        pretrain.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), compute => PretrainBench.RunAsync(compute, Math.Max(1, parsed.GetValue(documents)), Math.Max(1, parsed.GetValue(repeat)), cancellationToken)));

        var latencyShape = new BenchShape(64, 73, 36);
        var requests = new Option<int>("--repeat") { Description = "Requests", DefaultValueFactory = _ => 40 };
        var latency = new Command("latency", "The first token of an answer to 100 tokens, while steps of a job of the same model run") { model, latencyShape.BatchSize, latencyShape.PromptTokens, latencyShape.NewTokens, requests, json };
        latency.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(json), compute => LatencyBench.RunAsync(compute, parsed.GetValue(model)!, latencyShape.Of(parsed), Math.Max(1, parsed.GetValue(requests)), cancellationToken)));

        var reward = new Command("reward", "Grading by code in the sandbox: its start, completions of the mathematics template, and a call of a function that does nothing") { repeat, json };
        reward.SetAction(async (parsed, cancellationToken) => Write((await RewardBench.RunAsync(Math.Max(1, parsed.GetValue(repeat)), cancellationToken)).Values, parsed.GetValue(json)));

        return new Command("bench", "Speed, beside the machine's own matrix-multiply peak") { gemm, rollout, serve, train, pretrain, latency, reward };
    }

    private static async Task<int> RunAsync(bool json, Func<ComputeThread, Task<BenchResult>> bench)
    {
        await using var compute = new ComputeThread();
        var values = (await bench(compute)).Values;
        values["threads"] = compute.Threads;
        values["peak_memory_mb"] = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
        return Write(values, json);
    }

    private static int Write(SortedDictionary<string, double> values, bool json)
    {
        if (json)
        {
            CommandOutput.Json(values);
        }
        else
        {
            Console.WriteLine(string.Join('\n', values.Select(x => FormattableString.Invariant($"{x.Key,-20} {x.Value:0.###}"))));
        }

        return 0;
    }

    /// <summary>The options that give a benchmark's shape.</summary>
    private sealed class BenchShape(int batchSize, int promptTokens, int newTokens)
    {
        public Option<int> BatchSize { get; } = new("--batch-size") { Description = "Rollouts", DefaultValueFactory = _ => batchSize };

        public Option<int> PromptTokens { get; } = new("--prompt-tokens") { Description = "Tokens of each prompt", DefaultValueFactory = _ => promptTokens };

        public Option<int> NewTokens { get; } = new("--new-tokens") { Description = "Tokens of each completion", DefaultValueFactory = _ => newTokens };

        public (int BatchSize, int PromptTokens, int NewTokens) Of(ParseResult parsed)
        {
            var shape = (parsed.GetValue(BatchSize), parsed.GetValue(PromptTokens), parsed.GetValue(NewTokens));
            return shape is { Item1: > 0, Item2: > 0, Item3: > 0 } ? shape : throw new UserInputException("--batch-size, --prompt-tokens and --new-tokens must be at least 1");
        }
    }
}

/// <summary>Figures of a benchmark by their names.</summary>
internal sealed record BenchResult(SortedDictionary<string, double> Values)
{
    /// <summary>The figures that every benchmark has.</summary>
    /// <param name="peak">The machine's peak, measured in the same process.</param>
    /// <param name="gflops">Useful work in 10⁹ floating-point operations a second: the median of the repetitions.</param>
    /// <param name="more">What this benchmark has besides.</param>
    public static BenchResult Of(MatrixPeak peak, double gflops, IReadOnlyDictionary<string, double> more) => new(new SortedDictionary<string, double>(more.ToDictionary())
    {
        ["gflops"] = gflops,
        ["gemm_peak_gflops"] = peak.Gflops,
        ["gemm_library_gflops"] = peak.Library[^1],
        ["gemm_kernel_gflops"] = peak.Kernels[^1],
        ["fraction_of_peak"] = gflops / peak.Gflops,
    });
}
