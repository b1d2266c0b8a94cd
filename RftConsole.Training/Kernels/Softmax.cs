using System.Numerics.Tensors;

namespace RftConsole.Training.Kernels;

internal static class Softmax
{
    /// <summary>One softmax over two pieces of a row, in place; either may be empty.</summary>
    public static void Of(Span<float> first, Span<float> second)
    {
        float largest = Math.Max(Largest(first), Largest(second));
        float total = Exponentials(first, largest) + Exponentials(second, largest);
        TensorPrimitives.Multiply(first, 1 / total, first);
        TensorPrimitives.Multiply(second, 1 / total, second);
    }

    private static float Largest(Span<float> values) => values.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max(values);

    private static float Exponentials(Span<float> values, float largest)
    {
        TensorPrimitives.Subtract(values, largest, values);
        TensorPrimitives.Exp(values, values);
        return TensorPrimitives.Sum<float>(values);
    }
}
