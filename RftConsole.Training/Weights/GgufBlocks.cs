using System.Buffers.Binary;

namespace RftConsole.Training.Weights;

/// <summary>The quantisation types of GGUF with 32 values in a block: a scale in fp16, for some an offset, then the small integers.</summary>
/// <remarks>
/// Each product and each sum is rounded to fp32 on its own, which makes the values bit-equal to ggml's reference.
/// The low halves of a block's bytes are its first sixteen values, the high halves the other sixteen.
/// </remarks>
internal static class GgufBlocks
{
    private const int Values = 32;
    private const int Half = Values / 2;

    public static void Q4Signed(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[18..], values = values[Values..])
        {
            float scale = Fp16(blocks, 0);
            var small = blocks.Slice(2, Half);
            for (int i = 0; i < Half; i++)
            {
                values[i] = scale * ((small[i] & 15) - 8);
                values[i + Half] = scale * ((small[i] >> 4) - 8);
            }
        }
    }

    public static void Q4Offset(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[20..], values = values[Values..])
        {
            float scale = Fp16(blocks, 0);
            float offset = Fp16(blocks, 2);
            var small = blocks.Slice(4, Half);
            for (int i = 0; i < Half; i++)
            {
                values[i] = (scale * (small[i] & 15)) + offset;
                values[i + Half] = (scale * (small[i] >> 4)) + offset;
            }
        }
    }

    public static void Q5Signed(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[22..], values = values[Values..])
        {
            float scale = Fp16(blocks, 0);
            uint fifthBits = BinaryPrimitives.ReadUInt32LittleEndian(blocks[2..]);
            var small = blocks.Slice(6, Half);
            for (int i = 0; i < Half; i++)
            {
                values[i] = scale * (((small[i] & 15) | Fifth(fifthBits, i)) - 16);
                values[i + Half] = scale * (((small[i] >> 4) | Fifth(fifthBits, i + Half)) - 16);
            }
        }
    }

    public static void Q5Offset(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[24..], values = values[Values..])
        {
            float scale = Fp16(blocks, 0);
            float offset = Fp16(blocks, 2);
            uint fifthBits = BinaryPrimitives.ReadUInt32LittleEndian(blocks[4..]);
            var small = blocks.Slice(8, Half);
            for (int i = 0; i < Half; i++)
            {
                values[i] = (scale * ((small[i] & 15) | Fifth(fifthBits, i))) + offset;
                values[i + Half] = (scale * ((small[i] >> 4) | Fifth(fifthBits, i + Half))) + offset;
            }
        }
    }

    public static void Q8(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (; values.Length > 0; blocks = blocks[34..], values = values[Values..])
        {
            float scale = Fp16(blocks, 0);
            var small = blocks.Slice(2, Values);
            for (int i = 0; i < Values; i++)
            {
                values[i] = scale * (sbyte)small[i];
            }
        }
    }

    /// <summary>The fp16 value at a byte.</summary>
    public static float Fp16(ReadOnlySpan<byte> bytes, int at) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[at..]);

    private static int Fifth(uint bits, int index) => (int)((bits >> index) & 1) << 4;
}
