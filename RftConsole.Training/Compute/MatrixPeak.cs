using System.Diagnostics;

using static TorchSharp.torch;

namespace RftConsole.Training.Compute;

/// <summary>The machine's matrix-multiply peak, which every other speed is to be read beside.</summary>
internal static class MatrixPeak
{
    public const int Size = 2048;

    /// <summary>Speeds of fp32 products, in 10⁹ floating-point operations a second, ascending, after one that is not counted.</summary>
    public static Task<double[]> MeasureAsync(ComputeThread compute, int repeat = 5) => compute.RunAsync(WorkPriority.Interactive, () =>
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

        Array.Sort(gflops);
        return gflops;
    });
}
