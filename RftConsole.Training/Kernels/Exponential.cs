using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RftConsole.Training.Kernels;

/// <summary>e^x in single precision throughout: the runtime's own goes through double precision, which takes four times as long for a rounding that nobody sees.</summary>
internal static class Exponential
{
    /// <summary>Below this, the result would not be a normal number: it stays what it is here, some 1e-38.</summary>
    private const float Least = -87.3f;

    /// <summary>Above this, the result would be too large: it stays what it is here, some 2e38.</summary>
    private const float Most = 88f;

    /// <summary>ln 2 in two parts, the first with so few digits that its product with a whole number is exact.</summary>
    private const float Ln2High = 0.693359375f;

    private const float Ln2Low = -2.12194440e-4f;

    private const int MantissaBits = 23;

    /// <summary>e^x, to 2e-7 of its value.</summary>
    /// <remarks>x = n ln 2 + r with |r| ≤ ln 2 / 2, and e^x = 2ⁿ e^r; the series of e^r up to r⁷ is exact to (ln 2 / 2)⁸ / 8! ≈ 5e-9.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        // x comes second: the processor's instructions return that where it is not a number.
        x = Vector512.MinNative(Vector512.Create(Most), Vector512.MaxNative(Vector512.Create(Least), x));
        var n = Vector512.Round(x * (1 / MathF.Log(2)));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        var sum = Vector512.FusedMultiplyAdd(r, Vector512.Create(1f / 5040), Vector512.Create(1f / 720));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 120));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 24));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 6));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(0.5f));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512<float>.One);
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512<float>.One);
        return (sum.AsInt32() + (Vector512.ConvertToInt32Native(n) << MantissaBits)).AsSingle();
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Of(-x));
}
