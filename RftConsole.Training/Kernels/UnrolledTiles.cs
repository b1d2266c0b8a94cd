using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RftConsole.Training.Kernels;

/// <summary>The loops of <see cref="Tile"/>, spelled out because the compiler keeps only named variables in registers.</summary>
internal static unsafe class UnrolledTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Wide3(float* a, long lda, long step, float* b, long ldb, long k, float* c, long ldc, bool accumulate, float* ahead)
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

        for (long i = 0, end = k * step; i < end; i += step)
        {
            var b0 = Vector512.Load(b); var b1 = Vector512.Load(b + 16); var b2 = Vector512.Load(b + 32);
            b += ldb;
            Sse.Prefetch1(ahead);
            ahead += 16;
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
    public static void Wide2(float* a, long lda, long step, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
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

        for (long i = 0, end = k * step; i < end; i += step)
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
    public static void Wide1(float* a, long lda, long step, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
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

        for (long i = 0, end = k * step; i < end; i += step)
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
    public static void Narrow(float* a, long lda, long step, float* b, long ldb, long k, float* c, long ldc, bool accumulate)
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

        for (long i = 0, end = k * step; i < end; i += step)
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
