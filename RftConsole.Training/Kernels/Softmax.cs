using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RftConsole.Training.Kernels;

internal static unsafe class Softmax
{
    /// <summary>
    /// One softmax over two pieces of a row, in place; either may be empty. Each piece begins on a vector's boundary and has room up to the next one, which is
    /// filled with zeros. The order of the sums depends on the two lengths alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(float* first, int firstLength, float* second, int secondLength)
    {
        var largest = Vector512.MaxNative(Largest(first, firstLength), Largest(second, secondLength));
        float maximum = float.NegativeInfinity;
        for (int i = 0; i < Tile.Lanes; i++)
        {
            maximum = Math.Max(maximum, largest[i]);
        }

        var sum = Exponentials(first, firstLength, maximum, Vector512<float>.Zero);
        sum = Exponentials(second, secondLength, maximum, sum);
        var factor = Vector512.Create(1 / Vector512.Sum(sum));
        Scale(first, firstLength, factor);
        Scale(second, secondLength, factor);
    }

    /// <summary>The way back, dS = P ∘ (dP − Σ P ∘ dP), over <paramref name="gradient"/>.</summary>
    /// <param name="weights">P; zero where nothing is attended to.</param>
    /// <param name="gradient">dP, finite where P is zero; becomes dS.</param>
    /// <param name="length">Numbers of both; whole vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* weights, float* gradient, long length)
    {
        var products = Vector512<float>.Zero;
        for (long i = 0; i < length; i += Tile.Lanes)
        {
            products = Vector512.FusedMultiplyAdd(Vector512.Load(weights + i), Vector512.Load(gradient + i), products);
        }

        var sum = Vector512.Create(Vector512.Sum(products));
        for (long i = 0; i < length; i += Tile.Lanes)
        {
            (Vector512.Load(weights + i) * (Vector512.Load(gradient + i) - sum)).Store(gradient + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Largest(float* values, int length)
    {
        var largest = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i + Tile.Lanes <= length; i += Tile.Lanes)
        {
            largest = Vector512.MaxNative(largest, Vector512.Load(values + i));
        }

        return i < length
            ? Vector512.MaxNative(largest, Vector512.ConditionalSelect(Below(length - i), Vector512.Load(values + i), Vector512.Create(float.NegativeInfinity)))
            : largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exponentials(float* values, int length, float maximum, Vector512<float> sum)
    {
        var shift = Vector512.Create(maximum);
        int i = 0;
        for (; i + Tile.Lanes <= length; i += Tile.Lanes)
        {
            var e = Exponential.Of(Vector512.Load(values + i) - shift);
            e.Store(values + i);
            sum += e;
        }

        if (i < length)
        {
            var e = Vector512.ConditionalSelect(Below(length - i), Exponential.Of(Vector512.Load(values + i) - shift), Vector512<float>.Zero);
            e.Store(values + i);
            sum += e;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(float* values, int length, Vector512<float> factor)
    {
        for (int i = 0; i < length; i += Tile.Lanes)
        {
            (Vector512.Load(values + i) * factor).Store(values + i);
        }
    }

    /// <summary>Lanes below <paramref name="count"/>.</summary>
    private static Vector512<float> Below(int count) => Vector512.LessThan(Vector512<float>.Indices, Vector512.Create((float)count));
}
