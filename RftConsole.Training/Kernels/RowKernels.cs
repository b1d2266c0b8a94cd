using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RftConsole.Training.Kernels;

/// <summary>What a decoder does row by row between its matrix products, forward and back. Rows are independent of each other.</summary>
internal static unsafe class RowKernels
{
    /// <summary>Numbers that one piece of work should touch: fewer are not worth another thread.</summary>
    private const long NumbersPerPiece = 16_384;

    /// <summary>Runs <paramref name="row"/> for each row, on several threads where there is enough to do.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Numbers that one row touches.</param>
    /// <param name="row">What to do with a row.</param>
    public static void ForEach(WorkerTeam team, int rows, long width, Action<int> row)
    {
        int piece = (int)Math.Max(1, NumbersPerPiece / Math.Max(1, width));
        team.Run((rows + piece - 1) / piece, index =>
        {
            for (int i = index * piece; i < Math.Min(rows, (index + 1) * piece); i++)
            {
                row(i);
            }
        });
    }

    /// <summary>y = x / rms(x) ∘ weight; returns 1 / rms(x).</summary>
    public static float RmsNorm(float* x, float* weight, float* y, int width, double epsilon)
    {
        float inverse = InverseRms(x, width, epsilon);
        Scale(x, weight, y, width, inverse);
        return inverse;
    }

    /// <summary>1 / rms(x).</summary>
    public static float InverseRms(float* x, int width, double epsilon) =>
        (float)(1 / Math.Sqrt((TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(x, width)) / width) + epsilon));

    /// <summary>y = x · factor ∘ weight.</summary>
    public static void Scale(float* x, float* weight, float* y, int width, float factor)
    {
        var result = new Span<float>(y, width);
        TensorPrimitives.Multiply(new ReadOnlySpan<float>(x, width), factor, result);
        TensorPrimitives.Multiply(result, new ReadOnlySpan<float>(weight, width), result);
    }

    /// <summary>y = x · factor, for rows that are too short to call a library for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(float* x, float* y, int width, float factor)
    {
        int i = 0;
        for (; i <= width - Tile.Lanes; i += Tile.Lanes)
        {
            (Vector512.Load(x + i) * factor).Store(y + i);
        }

        for (; i < width; i++)
        {
            y[i] = x[i] * factor;
        }
    }

    /// <summary>Adds to <paramref name="dx"/> the gradient with respect to x of <see cref="RmsNorm"/>.</summary>
    /// <param name="x">The input.</param>
    /// <param name="weight">The norm's weight.</param>
    /// <param name="inverse">1 / rms(x).</param>
    /// <param name="dy">The gradient with respect to y; overwritten.</param>
    /// <param name="dx">Gets the sum.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="accumulate">Whether <paramref name="dx"/> is added to, or overwritten.</param>
    public static void RmsNormBackward(float* x, float* weight, float inverse, float* dy, float* dx, int width, bool accumulate)
    {
        // y_i = w_i x_i r with r = (mean x² + ε)^(-1/2), so dx = r (w ∘ dy) − x r³ / n · Σ w dy x.
        var input = new ReadOnlySpan<float>(x, width);
        var weighted = new Span<float>(dy, width);
        TensorPrimitives.Multiply(weighted, new ReadOnlySpan<float>(weight, width), weighted);
        float slope = -TensorPrimitives.Dot(weighted, input) * inverse * inverse * inverse / width;
        TensorPrimitives.Multiply(weighted, inverse, weighted);
        TensorPrimitives.MultiplyAdd(input, slope, weighted, weighted);
        var result = new Span<float>(dx, width);
        if (accumulate)
        {
            TensorPrimitives.Add(result, weighted, result);
        }
        else
        {
            weighted.CopyTo(result);
        }
    }

    /// <summary>y = silu(gate) ∘ up. Whole vectors are read and written: rows have the room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwiGlu(float* gate, float* up, float* y, int width)
    {
        for (int i = 0; i < width; i += Tile.Lanes)
        {
            var g = Vector512.Load(gate + i);
            (Exponential.Sigmoid(g) * g * Vector512.Load(up + i)).Store(y + i);
        }
    }

    /// <summary>The gradients of <see cref="SwiGlu"/>; they may overwrite gate and up. Whole vectors are read and written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwiGluBackward(float* gate, float* up, float* dy, float* dGate, float* dUp, int width)
    {
        for (int i = 0; i < width; i += Tile.Lanes)
        {
            var g = Vector512.Load(gate + i);
            var u = Vector512.Load(up + i);
            var d = Vector512.Load(dy + i);
            var s = Exponential.Sigmoid(g);
            ((d * u) * (s * (Vector512<float>.One + (g * (Vector512<float>.One - s))))).Store(dGate + i);
            (d * (g * s)).Store(dUp + i);
        }
    }

    /// <summary>Rotates a head by the angles whose cosines and sines are given (half-split layout), or back where <paramref name="sign"/> is −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate(float* x, float* cos, float* sin, int half, float sign)
    {
        int i = 0;
        var direction = Vector256.Create(sign);
        for (; i <= half - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var c = Vector256.Load(cos + i);
            var s = Vector256.Load(sin + i) * direction;
            var first = Vector256.Load(x + i);
            var second = Vector256.Load(x + half + i);
            ((first * c) - (second * s)).Store(x + i);
            ((second * c) + (first * s)).Store(x + half + i);
        }

        for (; i < half; i++)
        {
            float s = sin[i] * sign, first = x[i], second = x[half + i];
            x[i] = (first * cos[i]) - (second * s);
            x[half + i] = (second * cos[i]) + (first * s);
        }
    }

    public static void Copy(float* from, float* to, long width) => Buffer.MemoryCopy(from, to, width * sizeof(float), width * sizeof(float));
}
