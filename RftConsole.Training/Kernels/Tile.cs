using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RftConsole.Training.Kernels;

/// <summary>
/// The innermost loop of every matrix product: eight rows by up to three vectors of columns, held in registers while the inner dimension runs. Each number of the
/// result is one chain of fused multiply-adds in the order of the inner dimension. So it does not depend on the rows beside it, on how a product is cut into
/// tiles, or on the width of the processor's registers: the same row gives the same bits in every batch.
/// </summary>
/// <remarks>The loops are spelled out because the compiler keeps only named variables in registers. Method: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.</remarks>
internal static unsafe class Tile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>Numbers of a vector; rows of matrices are padded to a multiple of it.</summary>
    public const int Lanes = 16;

    /// <summary>Most vectors of columns of a tile.</summary>
    public const int MostVectors = 3;

    /// <summary>Most columns of a tile, and the width of a panel of a packed matrix.</summary>
    public const int Columns = MostVectors * Lanes;

    public static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>C = A·B, or C += A·B, for <see cref="Rows"/> rows and <paramref name="vectors"/> × <see cref="Lanes"/> columns.</summary>
    /// <param name="a">Row-major, <paramref name="lda"/> numbers from row to row.</param>
    /// <param name="lda">Stride of A.</param>
    /// <param name="b">Row-major, <paramref name="ldb"/> numbers from row to row; its rows are the inner dimension.</param>
    /// <param name="ldb">Stride of B.</param>
    /// <param name="k">Inner dimension.</param>
    /// <param name="c">Row-major, <paramref name="ldc"/> numbers from row to row.</param>
    /// <param name="ldc">Stride of C.</param>
    /// <param name="vectors">1 to <see cref="MostVectors"/>.</param>
    /// <param name="accumulate">Whether the product is added to what C holds.</param>
    public static void Multiply(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, int vectors, bool accumulate)
    {
        if (!Avx512F.IsSupported)
        {
            for (int v = 0; v < vectors; v++)
            {
                Narrow(a, lda, b + (v * Lanes), ldb, k, c + (v * Lanes), ldc, accumulate);
                Narrow(a + (4 * lda), lda, b + (v * Lanes), ldb, k, c + (4 * ldc) + (v * Lanes), ldc, accumulate);
            }
        }
        else if (vectors == 3)
        {
            Wide3(a, lda, b, ldb, k, c, ldc, accumulate);
        }
        else if (vectors == 2)
        {
            Wide2(a, lda, b, ldb, k, c, ldc, accumulate);
        }
        else
        {
            Wide1(a, lda, b, ldb, k, c, ldc, accumulate);
        }
    }

    /// <summary>C = A·B, or C += A·B, for any number of rows and columns; both are rounded up to whole tiles.</summary>
    public static void Multiply(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, long rows, long columns, bool accumulate)
    {
        for (long column = 0; column < columns; column += Columns)
        {
            int vectors = (int)Math.Min(MostVectors, (columns - column + Lanes - 1) / Lanes);
            for (long row = 0; row < rows; row += Rows)
            {
                Multiply(a + (row * lda), lda, b + column, ldb, k, c + (row * ldc) + column, ldc, vectors, accumulate);
            }
        }
    }

    /// <summary>One row times one panel, in the same order of sums as a whole tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyRow(float* a, float* b, long k, float* c, int vectors, bool accumulate)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default;
        if (accumulate)
        {
            c0 = Vector512.Load(c);
            c1 = vectors > 1 ? Vector512.Load(c + 16) : default;
            c2 = vectors > 2 ? Vector512.Load(c + 32) : default;
        }

        for (long i = 0; i < k; i++)
        {
            var x = Vector512.Create(a[i]);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0);
            c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 16), c1);
            c2 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 32), c2);
            b += Columns;
        }

        c0.Store(c);
        if (vectors > 1)
        {
            c1.Store(c + 16);
        }

        if (vectors > 2)
        {
            c2.Store(c + 32);
        }
    }

    /// <summary>Writes the transpose of A (<paramref name="rows"/> × <paramref name="columns"/>) into <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* from, long ldFrom, long rows, long columns, float* to, long ldTo)
    {
        long wholeRows = Sse.IsSupported ? rows & ~3L : 0, wholeColumns = columns & ~3L;
        for (long i = 0; i < wholeRows; i += 4)
        {
            float* source = from + (i * ldFrom);
            for (long j = 0; j < wholeColumns; j += 4)
            {
                var r0 = Vector128.Load(source + j);
                var r1 = Vector128.Load(source + ldFrom + j);
                var r2 = Vector128.Load(source + (2 * ldFrom) + j);
                var r3 = Vector128.Load(source + (3 * ldFrom) + j);
                var low01 = Sse.UnpackLow(r0, r1);
                var low23 = Sse.UnpackLow(r2, r3);
                var high01 = Sse.UnpackHigh(r0, r1);
                var high23 = Sse.UnpackHigh(r2, r3);
                float* target = to + (j * ldTo) + i;
                Sse.MoveLowToHigh(low01, low23).Store(target);
                Sse.MoveHighToLow(low23, low01).Store(target + ldTo);
                Sse.MoveLowToHigh(high01, high23).Store(target + (2 * ldTo));
                Sse.MoveHighToLow(high23, high01).Store(target + (3 * ldTo));
            }

            for (long j = wholeColumns; j < columns; j++)
            {
                for (long r = i; r < i + 4; r++)
                {
                    to[(j * ldTo) + r] = from[(r * ldFrom) + j];
                }
            }
        }

        for (long i = wholeRows; i < rows; i++)
        {
            for (long j = 0; j < columns; j++)
            {
                to[(j * ldTo) + i] = from[(i * ldFrom) + j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide3(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
    {
        float* a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda, a6 = a5 + lda, a7 = a6 + lda;
        Vector512<float> c00 = default, c01 = default, c02 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default;
        Vector512<float> c60 = default, c61 = default, c62 = default;
        Vector512<float> c70 = default, c71 = default, c72 = default;
        if (accumulate)
        {
            float* from = c;
            c00 = Vector512.Load(from); c01 = Vector512.Load(from + 16); c02 = Vector512.Load(from + 32);
            from += ldc;
            c10 = Vector512.Load(from); c11 = Vector512.Load(from + 16); c12 = Vector512.Load(from + 32);
            from += ldc;
            c20 = Vector512.Load(from); c21 = Vector512.Load(from + 16); c22 = Vector512.Load(from + 32);
            from += ldc;
            c30 = Vector512.Load(from); c31 = Vector512.Load(from + 16); c32 = Vector512.Load(from + 32);
            from += ldc;
            c40 = Vector512.Load(from); c41 = Vector512.Load(from + 16); c42 = Vector512.Load(from + 32);
            from += ldc;
            c50 = Vector512.Load(from); c51 = Vector512.Load(from + 16); c52 = Vector512.Load(from + 32);
            from += ldc;
            c60 = Vector512.Load(from); c61 = Vector512.Load(from + 16); c62 = Vector512.Load(from + 32);
            from += ldc;
            c70 = Vector512.Load(from); c71 = Vector512.Load(from + 16); c72 = Vector512.Load(from + 32);
        }

        for (long i = 0; i < k; i++)
        {
            var b0 = Vector512.Load(b); var b1 = Vector512.Load(b + 16); var b2 = Vector512.Load(b + 32);
            b += ldb;
            var x = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00); c01 = Vector512.FusedMultiplyAdd(x, b1, c01); c02 = Vector512.FusedMultiplyAdd(x, b2, c02);
            x = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10); c11 = Vector512.FusedMultiplyAdd(x, b1, c11); c12 = Vector512.FusedMultiplyAdd(x, b2, c12);
            x = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20); c21 = Vector512.FusedMultiplyAdd(x, b1, c21); c22 = Vector512.FusedMultiplyAdd(x, b2, c22);
            x = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30); c31 = Vector512.FusedMultiplyAdd(x, b1, c31); c32 = Vector512.FusedMultiplyAdd(x, b2, c32);
            x = Vector512.Create(a4[i]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40); c41 = Vector512.FusedMultiplyAdd(x, b1, c41); c42 = Vector512.FusedMultiplyAdd(x, b2, c42);
            x = Vector512.Create(a5[i]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50); c51 = Vector512.FusedMultiplyAdd(x, b1, c51); c52 = Vector512.FusedMultiplyAdd(x, b2, c52);
            x = Vector512.Create(a6[i]);
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60); c61 = Vector512.FusedMultiplyAdd(x, b1, c61); c62 = Vector512.FusedMultiplyAdd(x, b2, c62);
            x = Vector512.Create(a7[i]);
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70); c71 = Vector512.FusedMultiplyAdd(x, b1, c71); c72 = Vector512.FusedMultiplyAdd(x, b2, c72);
        }

        c00.Store(c); c01.Store(c + 16); c02.Store(c + 32);
        c += ldc;
        c10.Store(c); c11.Store(c + 16); c12.Store(c + 32);
        c += ldc;
        c20.Store(c); c21.Store(c + 16); c22.Store(c + 32);
        c += ldc;
        c30.Store(c); c31.Store(c + 16); c32.Store(c + 32);
        c += ldc;
        c40.Store(c); c41.Store(c + 16); c42.Store(c + 32);
        c += ldc;
        c50.Store(c); c51.Store(c + 16); c52.Store(c + 32);
        c += ldc;
        c60.Store(c); c61.Store(c + 16); c62.Store(c + 32);
        c += ldc;
        c70.Store(c); c71.Store(c + 16); c72.Store(c + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide2(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
    {
        float* a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda, a6 = a5 + lda, a7 = a6 + lda;
        Vector512<float> c00 = default, c01 = default;
        Vector512<float> c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default;
        Vector512<float> c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default;
        Vector512<float> c50 = default, c51 = default;
        Vector512<float> c60 = default, c61 = default;
        Vector512<float> c70 = default, c71 = default;
        if (accumulate)
        {
            float* from = c;
            c00 = Vector512.Load(from); c01 = Vector512.Load(from + 16);
            from += ldc;
            c10 = Vector512.Load(from); c11 = Vector512.Load(from + 16);
            from += ldc;
            c20 = Vector512.Load(from); c21 = Vector512.Load(from + 16);
            from += ldc;
            c30 = Vector512.Load(from); c31 = Vector512.Load(from + 16);
            from += ldc;
            c40 = Vector512.Load(from); c41 = Vector512.Load(from + 16);
            from += ldc;
            c50 = Vector512.Load(from); c51 = Vector512.Load(from + 16);
            from += ldc;
            c60 = Vector512.Load(from); c61 = Vector512.Load(from + 16);
            from += ldc;
            c70 = Vector512.Load(from); c71 = Vector512.Load(from + 16);
        }

        for (long i = 0; i < k; i++)
        {
            var b0 = Vector512.Load(b); var b1 = Vector512.Load(b + 16);
            b += ldb;
            var x = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00); c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10); c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20); c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30); c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            x = Vector512.Create(a4[i]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40); c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            x = Vector512.Create(a5[i]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50); c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            x = Vector512.Create(a6[i]);
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60); c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
            x = Vector512.Create(a7[i]);
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70); c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
        }

        c00.Store(c); c01.Store(c + 16);
        c += ldc;
        c10.Store(c); c11.Store(c + 16);
        c += ldc;
        c20.Store(c); c21.Store(c + 16);
        c += ldc;
        c30.Store(c); c31.Store(c + 16);
        c += ldc;
        c40.Store(c); c41.Store(c + 16);
        c += ldc;
        c50.Store(c); c51.Store(c + 16);
        c += ldc;
        c60.Store(c); c61.Store(c + 16);
        c += ldc;
        c70.Store(c); c71.Store(c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide1(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
    {
        float* a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda, a6 = a5 + lda, a7 = a6 + lda;
        Vector512<float> c00 = default;
        Vector512<float> c10 = default;
        Vector512<float> c20 = default;
        Vector512<float> c30 = default;
        Vector512<float> c40 = default;
        Vector512<float> c50 = default;
        Vector512<float> c60 = default;
        Vector512<float> c70 = default;
        if (accumulate)
        {
            float* from = c;
            c00 = Vector512.Load(from);
            from += ldc;
            c10 = Vector512.Load(from);
            from += ldc;
            c20 = Vector512.Load(from);
            from += ldc;
            c30 = Vector512.Load(from);
            from += ldc;
            c40 = Vector512.Load(from);
            from += ldc;
            c50 = Vector512.Load(from);
            from += ldc;
            c60 = Vector512.Load(from);
            from += ldc;
            c70 = Vector512.Load(from);
        }

        for (long i = 0; i < k; i++)
        {
            var b0 = Vector512.Load(b);
            b += ldb;
            var x = Vector512.Create(a0[i]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            x = Vector512.Create(a1[i]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            x = Vector512.Create(a2[i]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            x = Vector512.Create(a3[i]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            x = Vector512.Create(a4[i]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            x = Vector512.Create(a5[i]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            x = Vector512.Create(a6[i]);
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            x = Vector512.Create(a7[i]);
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
        }

        c00.Store(c);
        c += ldc;
        c10.Store(c);
        c += ldc;
        c20.Store(c);
        c += ldc;
        c30.Store(c);
        c += ldc;
        c40.Store(c);
        c += ldc;
        c50.Store(c);
        c += ldc;
        c60.Store(c);
        c += ldc;
        c70.Store(c);
    }

    /// <summary>Four rows and sixteen columns, for processors with sixteen registers of 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Narrow(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
    {
        float* a0 = a, a1 = a0 + lda, a2 = a1 + lda, a3 = a2 + lda;
        Vector256<float> c00 = default, c01 = default;
        Vector256<float> c10 = default, c11 = default;
        Vector256<float> c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default;
        if (accumulate)
        {
            float* from = c;
            c00 = Vector256.Load(from); c01 = Vector256.Load(from + 8);
            from += ldc;
            c10 = Vector256.Load(from); c11 = Vector256.Load(from + 8);
            from += ldc;
            c20 = Vector256.Load(from); c21 = Vector256.Load(from + 8);
            from += ldc;
            c30 = Vector256.Load(from); c31 = Vector256.Load(from + 8);
        }

        for (long i = 0; i < k; i++)
        {
            var b0 = Vector256.Load(b); var b1 = Vector256.Load(b + 8);
            b += ldb;
            var x = Vector256.Create(a0[i]);
            c00 = Vector256.FusedMultiplyAdd(x, b0, c00); c01 = Vector256.FusedMultiplyAdd(x, b1, c01);
            x = Vector256.Create(a1[i]);
            c10 = Vector256.FusedMultiplyAdd(x, b0, c10); c11 = Vector256.FusedMultiplyAdd(x, b1, c11);
            x = Vector256.Create(a2[i]);
            c20 = Vector256.FusedMultiplyAdd(x, b0, c20); c21 = Vector256.FusedMultiplyAdd(x, b1, c21);
            x = Vector256.Create(a3[i]);
            c30 = Vector256.FusedMultiplyAdd(x, b0, c30); c31 = Vector256.FusedMultiplyAdd(x, b1, c31);
        }

        c00.Store(c); c01.Store(c + 8);
        c += ldc;
        c10.Store(c); c11.Store(c + 8);
        c += ldc;
        c20.Store(c); c21.Store(c + 8);
        c += ldc;
        c30.Store(c); c31.Store(c + 8);
    }
}
