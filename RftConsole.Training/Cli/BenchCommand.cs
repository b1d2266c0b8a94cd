using System.CommandLine;
using System.Diagnostics;

using RftConsole.Training.Compute;

using static TorchSharp.torch;

namespace RftConsole.Training.Cli;

/// <summary><c>bench gemm</c>: the machine's matrix-multiply peak, which every other speed is to be read beside.</summary>
internal static class BenchCommand
{
    private const int Size = 2048;

    public static Command Create()
    {
        var repeat = new Option<int>("--repeat") { Description = "Products to time", DefaultValueFactory = _ => 5 };
        var json = CommonOptions.Json();
        var gemm = new Command("gemm", $"The best of several fp32 products of {Size}³") { repeat, json };
        gemm.SetAction(async (parsed, _) =>
        {
            await using var compute = new ComputeThread();
            double[] gflops = await compute.RunAsync(WorkPriority.Interactive, () => Gemm(Math.Max(1, parsed.GetValue(repeat))));
            Array.Sort(gflops);
            double median = gflops[gflops.Length / 2];
            long memory = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
            if (parsed.GetValue(json))
            {
                CommandOutput.Json(new { gflops = median, gemm_peak_gflops = gflops[^1], fraction_of_peak = median / gflops[^1], lowest_gflops = gflops[0], threads = compute.Threads, peak_memory_mb = memory });
            }
            else
            {
                Console.WriteLine(FormattableString.Invariant($"peak {gflops[^1]:0} GFLOPS, median {median:0}, lowest {gflops[0]:0}, {compute.Threads} threads"));
            }

            return 0;
        });
        return new Command("bench", "Speed, beside the machine's own matrix-multiply peak") { gemm };
    }

    /// <summary>Speeds of <paramref name="repeat"/> products in 10⁹ floating-point operations a second, after one that is not counted.</summary>
    private static double[] Gemm(int repeat)
    {
        using var noGradient = no_grad();
        var (a, b) = (rand(Size, Size), rand(Size, Size));
        matmul(a, b).Dispose();
        double[] gflops = new double[repeat];
        for (int i = 0; i < repeat; i++)
        {
            long start = Stopwatch.GetTimestamp();
            matmul(a, b).Dispose();
            gflops[i] = 2.0 * Size * Size * Size / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }

        return gflops;
    }
}
