namespace RftConsole.Training.Weights;

/// <summary>
/// The quantisation types of GGUF with 256 values in a block ("k-quants"): one fp16 scale for all, and small integer scales for each 16 or 32 values.
/// </summary>
/// <remarks>Each product and each sum is rounded to fp32 on its own, which makes the values bit-equal to ggml's reference.</remarks>
internal static class GgufSuperBlocks
{
    public const int Values = 256;

    /// <summary>Block: 32 bytes of third bits, 64 bytes of two low bits, 12 bytes with sixteen 6-bit scales, the fp16 scale.</summary>
    public static void Q3(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        Span<float> scales = stackalloc float[16];
        for (; values.Length > 0; blocks = blocks[110..], values = values[Values..])
        {
            var third = blocks[..32];
            var packed = blocks.Slice(96, 12);
            float scale = GgufBlocks.Fp16(blocks, 108);
            for (int i = 0; i < 16; i++)
            {
                int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
                int high = (packed[8 + (i % 4)] >> (2 * (i / 4))) & 3;
                scales[i] = scale * ((low | (high << 4)) - 32);
            }

            for (int i = 0; i < Values; i++)
            {
                // 128 values share 32 bytes, four times two bits; the third bits of all eight runs of 32 share the same 32 bytes.
                int run = i / 32, column = i % 32;
                int low = (blocks[32 + (i / 128 * 32) + column] >> (run % 4 * 2)) & 3;
                values[i] = scales[i / 16] * (low - (((third[column] >> run) & 1) == 0 ? 4 : 0));
            }
        }
    }

    /// <summary>Block: the fp16 scales of scales and of offsets, 12 bytes with eight 6-bit pairs of them, 128 bytes of four bits.</summary>
    public static void Q4(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[144..], values = values[Values..])
        {
            for (int run = 0; run < 8; run++)
            {
                var (scale, offset) = ScaleAndOffset(blocks, run);
                var small = blocks.Slice(16 + (run / 2 * 32), 32);
                int shift = run % 2 * 4;
                for (int i = 0; i < 32; i++)
                {
                    values[(run * 32) + i] = (scale * ((small[i] >> shift) & 15)) - offset;
                }
            }
        }
    }

    /// <summary>Block: as <see cref="Q4"/>, with 32 bytes of fifth bits before the four low ones.</summary>
    public static void Q5(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[176..], values = values[Values..])
        {
            var fifth = blocks.Slice(16, 32);
            for (int run = 0; run < 8; run++)
            {
                var (scale, offset) = ScaleAndOffset(blocks, run);
                var small = blocks.Slice(48 + (run / 2 * 32), 32);
                int shift = run % 2 * 4;
                for (int i = 0; i < 32; i++)
                {
                    values[(run * 32) + i] = (scale * (((small[i] >> shift) & 15) | (((fifth[i] >> run) & 1) << 4))) - offset;
                }
            }
        }
    }

    /// <summary>Block: 128 bytes of four low bits, 64 bytes of two high bits, sixteen signed 8-bit scales, the fp16 scale.</summary>
    public static void Q6(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[210..], values = values[Values..])
        {
            float all = GgufBlocks.Fp16(blocks, 208);
            for (int half = 0; half < 2; half++)
            {
                var low = blocks.Slice(half * 64, 64);
                var high = blocks.Slice(128 + (half * 32), 32);
                for (int run = 0; run < 4; run++)
                {
                    for (int i = 0; i < 32; i++)
                    {
                        int four = (low[(run % 2 * 32) + i] >> (run / 2 * 4)) & 15;
                        int two = (high[i] >> (run * 2)) & 3;
                        float scale = all * (sbyte)blocks[192 + (half * 8) + (run * 2) + (i / 16)];
                        values[(half * 128) + (run * 32) + i] = scale * ((four | (two << 4)) - 32);
                    }
                }
            }
        }
    }

    /// <summary>Eight pairs of 6 bits in 12 bytes: the first four plain, the upper two bits of the others above them.</summary>
    private static (float Scale, float Offset) ScaleAndOffset(ReadOnlySpan<byte> block, int run)
    {
        var packed = block.Slice(4, 12);
        int scale, offset;
        if (run < 4)
        {
            scale = packed[run] & 63;
            offset = packed[run + 4] & 63;
        }
        else
        {
            scale = (packed[run + 4] & 15) | (packed[run - 4] >> 6 << 4);
            offset = (packed[run + 4] >> 4) | (packed[run] >> 6 << 4);
        }

        return (GgufBlocks.Fp16(block, 0) * scale, GgufBlocks.Fp16(block, 2) * offset);
    }
}
