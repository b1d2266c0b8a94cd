using System.Numerics.Tensors;

using RftConsole.Training.Kernels;

namespace RftConsole.Training.Generation;

/// <summary>The logarithm of a sum of exponentials.</summary>
internal static class LogSum
{
    private const int Block = 256;

    /// <summary>log Σ exp(x). The exponentials are summed in fp64 by blocks in fp32: exact enough for a log-probability to 1e-6 at any vocabulary.</summary>
    public static double Of(ReadOnlySpan<float> values)
    {
        float largest = TensorPrimitives.Max(values);
        var exponentials = Scratch.Span(0, values.Length);
        TensorPrimitives.Subtract(values, largest, exponentials);
        TensorPrimitives.Exp(exponentials, exponentials);
        return largest + Math.Log(Sum(exponentials));
    }

    /// <summary>The sum in fp64 of blocks in fp32.</summary>
    public static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i += Block)
        {
            sum += TensorPrimitives.Sum(values.Slice(i, Math.Min(Block, values.Length - i)));
        }

        return sum;
    }
}
