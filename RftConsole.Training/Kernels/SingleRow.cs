using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RftConsole.Training.Kernels;

/// <summary>
/// A product of one row, such as the query of a continuation that shares its head with no other: in a tile it would do the work of eight. The sums have a tile's order, and so its bits.
/// </summary>
internal static unsafe class SingleRow
{
    /// <summary>C = A·B, or C += A·B; columns are rounded up to whole vectors.</summary>
    /// <param name="a">The row.</param>
    /// <param name="step">Numbers from one inner index to the next.</param>
    /// <param name="b">Row-major; its rows are the inner dimension.</param>
    /// <param name="ldb">Stride of B.</param>
    /// <param name="k">Inner dimension.</param>
    /// <param name="c">The result.</param>
    /// <param name="columns">Columns of B.</param>
    /// <param name="accumulate">Whether the product is added to what C holds.</param>
    public static void Multiply(float* a, long step, float* b, long ldb, long k, float* c, long columns, bool accumulate)
    {
        long vectors = (columns + Tile.Lanes - 1) / Tile.Lanes;
        for (; vectors >= 8; vectors -= 8, b += 8 * Tile.Lanes, c += 8 * Tile.Lanes)
        {
            Vectors8(a, step, b, ldb, k, c, accumulate);
        }

        if (vectors >= 4)
        {
            Vectors4(a, step, b, ldb, k, c, accumulate);
            vectors -= 4;
            b += 4 * Tile.Lanes;
            c += 4 * Tile.Lanes;
        }

        if (vectors >= 2)
        {
            Vectors2(a, step, b, ldb, k, c, accumulate);
            vectors -= 2;
            b += 2 * Tile.Lanes;
            c += 2 * Tile.Lanes;
        }

        if (vectors > 0)
        {
            Vectors1(a, step, b, ldb, k, c, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors8(float* a, long step, float* b, long ldb, long k, float* c, bool accumulate)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        if (accumulate)
        {
            c0 = Vector512.Load(c); c1 = Vector512.Load(c + 16); c2 = Vector512.Load(c + 32); c3 = Vector512.Load(c + 48); c4 = Vector512.Load(c + 64); c5 = Vector512.Load(c + 80); c6 = Vector512.Load(c + 96); c7 = Vector512.Load(c + 112);
        }

        for (long i = 0, end = k * step; i < end; i += step)
        {
            var x = Vector512.Create(a[i]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0); c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 16), c1);
            c2 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 32), c2); c3 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 48), c3);
            c4 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 64), c4); c5 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 80), c5);
            c6 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 96), c6); c7 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 112), c7);
            b += ldb;
        }

        c0.Store(c); c1.Store(c + 16); c2.Store(c + 32); c3.Store(c + 48); c4.Store(c + 64); c5.Store(c + 80); c6.Store(c + 96); c7.Store(c + 112);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors4(float* a, long step, float* b, long ldb, long k, float* c, bool accumulate)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default;
        if (accumulate)
        {
            c0 = Vector512.Load(c); c1 = Vector512.Load(c + 16); c2 = Vector512.Load(c + 32); c3 = Vector512.Load(c + 48);
        }

        for (long i = 0, end = k * step; i < end; i += step)
        {
            var x = Vector512.Create(a[i]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0); c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 16), c1);
            c2 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 32), c2); c3 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 48), c3);
            b += ldb;
        }

        c0.Store(c); c1.Store(c + 16); c2.Store(c + 32); c3.Store(c + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors2(float* a, long step, float* b, long ldb, long k, float* c, bool accumulate)
    {
        Vector512<float> c0 = default, c1 = default;
        if (accumulate)
        {
            c0 = Vector512.Load(c); c1 = Vector512.Load(c + 16);
        }

        for (long i = 0, end = k * step; i < end; i += step)
        {
            var x = Vector512.Create(a[i]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0); c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 16), c1);
            b += ldb;
        }

        c0.Store(c); c1.Store(c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors1(float* a, long step, float* b, long ldb, long k, float* c, bool accumulate)
    {
        Vector512<float> c0 = default;
        if (accumulate)
        {
            c0 = Vector512.Load(c);
        }

        for (long i = 0, end = k * step; i < end; i += step)
        {
            var x = Vector512.Create(a[i]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0);
            b += ldb;
        }

        c0.Store(c);
    }
}
