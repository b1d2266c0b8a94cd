using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RftConsole.Training.Kernels;

/// <summary>
/// The innermost loop of every matrix product: eight rows by up to three vectors of columns, held in registers while the inner dimension runs. Each number of the
/// result is one chain of fused multiply-adds in the order of the inner dimension. So it does not depend on the rows beside it, on how a product is cut into
/// tiles, or on the width of the processor's registers: the same row gives the same bits in every batch.
/// </summary>
/// <remarks>Method: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.</remarks>
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
    /// <param name="ahead">What will be read soon: a whole tile asks for <paramref name="k"/> cache lines from here on; null for nothing.</param>
    /// <param name="step">Numbers of A from one inner index to the next. The transpose of a row-major matrix is read in place with an <paramref name="lda"/> of 1 and its stride as step.</param>
    public static void Multiply(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, int vectors, bool accumulate, float* ahead = null, long step = 1)
    {
        if (!Avx512F.IsSupported)
        {
            for (int v = 0; v < vectors; v++)
            {
                UnrolledTiles.Narrow(a, lda, step, b + (v * Lanes), ldb, k, c + (v * Lanes), ldc, accumulate);
                UnrolledTiles.Narrow(a + (4 * lda), lda, step, b + (v * Lanes), ldb, k, c + (4 * ldc) + (v * Lanes), ldc, accumulate);
            }
        }
        else if (vectors == 3)
        {
            UnrolledTiles.Wide3(a, lda, step, b, ldb, k, c, ldc, accumulate, ahead);
        }
        else if (vectors == 2)
        {
            UnrolledTiles.Wide2(a, lda, step, b, ldb, k, c, ldc, accumulate);
        }
        else
        {
            UnrolledTiles.Wide1(a, lda, step, b, ldb, k, c, ldc, accumulate);
        }
    }

    /// <summary>C = A·B, or C += A·B, for any number of rows and columns; both may be rounded up to whole tiles.</summary>
    public static void Multiply(float* a, long lda, float* b, long ldb, long k, float* c, long ldc, long rows, long columns, bool accumulate, long step = 1)
    {
        if (rows == 1 && Avx512F.IsSupported)
        {
            SingleRow.Multiply(a, step, b, ldb, k, c, columns, accumulate);
            return;
        }

        for (long column = 0; column < columns; column += Columns)
        {
            int vectors = (int)Math.Min(MostVectors, (columns - column + Lanes - 1) / Lanes);
            for (long row = 0; row < rows; row += Rows)
            {
                Multiply(a + (row * lda), lda, b + column, ldb, k, c + (row * ldc) + column, ldc, vectors, accumulate, step: step);
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
}
