using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using RftConsole.Training.Kernels;

namespace RftConsole.Training.Optimisation;

/// <summary>
/// The arithmetic of <see cref="AdamW"/> over native memory in one pass, for models whose every weight is trained. Its results do not depend on the number of threads.
/// </summary>
internal static unsafe class AdamWKernel
{
    /// <summary>Numbers of a piece of work. Sums are taken by piece, so it is part of what decides their last bits.</summary>
    private const int Piece = 16_384;

    /// <summary>The sum of the squares of some numbers.</summary>
    public static double SumOfSquares(WorkerTeam team, float* values, long length)
    {
        double[] sums = new double[Pieces(length)];
        team.Run(sums.Length, i => sums[i] = TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(values + ((long)i * Piece), LengthOf(i, length))));
        double total = 0;
        foreach (double sum in sums)
        {
            total += sum;
        }

        return total;
    }

    /// <summary>One update.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">Its gradient, which is cleared.</param>
    /// <param name="first">The mean of gradients.</param>
    /// <param name="second">The mean of squared gradients.</param>
    /// <param name="length">How many numbers of each; whole vectors.</param>
    /// <param name="options">AdamW's constants.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="step">The update's number, from 1.</param>
    /// <param name="gradientScale">What the gradient is multiplied by first.</param>
    public static void Step(WorkerTeam team, float* weight, float* gradient, float* first, float* second, long length, AdamWOptions options, double learningRate, int step, double gradientScale)
    {
        var constants = new Constants(
            (float)gradientScale,
            (float)(1 - (learningRate * options.WeightDecay)),
            (float)options.Beta1,
            (float)(1 - options.Beta1),
            (float)options.Beta2,
            (float)(1 - options.Beta2),
            (float)(learningRate / (1 - Math.Pow(options.Beta1, step))),
            (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, step))),
            (float)options.Epsilon);
        team.Run(Pieces(length), i =>
        {
            long from = (long)i * Piece;
            StepPiece(weight + from, gradient + from, first + from, second + from, LengthOf(i, length), constants);
        });
    }

    private static int Pieces(long length) => checked((int)((length + Piece - 1) / Piece));

    private static int LengthOf(int piece, long length) => (int)Math.Min(Piece, length - ((long)piece * Piece));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StepPiece(float* weight, float* gradient, float* first, float* second, int length, in Constants x)
    {
        for (int i = 0; i < length; i += Tile.Lanes)
        {
            var g = Vector512.Load(gradient + i) * x.GradientScale;
            var m = (Vector512.Load(first + i) * x.Beta1) + (g * x.OneLessBeta1);
            var v = (Vector512.Load(second + i) * x.Beta2) + (g * g * x.OneLessBeta2);
            var change = m / ((Vector512.Sqrt(v) * x.RootCorrection) + Vector512.Create(x.Epsilon));
            m.Store(first + i);
            v.Store(second + i);
            ((Vector512.Load(weight + i) * x.Decay) - (change * x.Rate)).Store(weight + i);
            Vector512<float>.Zero.Store(gradient + i);
        }
    }

    /// <summary>What one update's numbers have in common.</summary>
    private readonly record struct Constants(
        float GradientScale, float Decay, float Beta1, float OneLessBeta1, float Beta2, float OneLessBeta2, float Rate, float RootCorrection, float Epsilon);
}
