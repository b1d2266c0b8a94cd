using System.Diagnostics;

using RftConsole.Training.Kernels;

using static TorchSharp.torch;

namespace RftConsole.Training.Compute;

/// <summary>The machine's speed of matrix products, which every other speed is to be read beside: libtorch's and this engine's own, the faster of which is the peak.</summary>
/// <param name="Library">Speeds of libtorch's products, in 10⁹ floating-point operations a second, ascending.</param>
/// <param name="Kernels">Speeds of the engine's own, likewise.</param>
internal sealed record MatrixPeak(double[] Library, double[] Kernels)
{
    /// <summary>Rows and columns of the matrices.</summary>
    public const int Size = 2048;

    /// <summary>The best product of either, in 10⁹ floating-point operations a second.</summary>
    public double Gflops => Math.Max(Library[^1], Kernels[^1]);

    /// <summary>Measures fp32 products of <see cref="Size"/>³, after one of each that is not counted.</summary>
    public static async Task<MatrixPeak> MeasureAsync(ComputeThread compute, int repeat = 5) => new(
        await compute.RunAsync(WorkPriority.Interactive, () =>
        {
            using var noGradient = no_grad();
            var (a, b) = (rand(Size, Size), rand(Size, Size));
            return Measure(repeat, () => matmul(a, b).Dispose());
        }),
        await compute.RunAsync(WorkPriority.Interactive, () => MeasureKernels(repeat)));

    private static unsafe double[] MeasureKernels(int repeat)
    {
        using var weights = new PackedMatrix(Size, Size);
        using RowBuffer a = new(Size, Size), c = new(Size, Size);
        for (int i = 0; i < Size; i++)
        {
            a.Span(i).Fill(1f / Size);
        }

        weights.Set(a.Pointer, a.Stride);
        return Measure(repeat, () => Product.Forward(ComputeThread.Team, a.Pointer, a.Stride, Size, new LinearLayer(weights, (nint)c.Pointer, c.Stride)));
    }

    private static double[] Measure(int repeat, Action product)
    {
        product();
        double[] gflops = new double[repeat];
        for (int i = 0; i < repeat; i++)
        {
            long start = Stopwatch.GetTimestamp();
            product();
            gflops[i] = 2.0 * Size * Size * Size / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }

        Array.Sort(gflops);
        return gflops;
    }
}
