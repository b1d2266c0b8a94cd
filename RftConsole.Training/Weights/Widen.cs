using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RftConsole.Training.Weights;

/// <summary>Exact conversion of stored 16- and 32-bit values to fp32, and of fp32 to bf16.</summary>
public static class Widen
{
    /// <summary>Bytes of one value, or null for a type that is not supported.</summary>
    public static int? BytesPerValue(string type) => type switch
    {
        "F32" => 4,
        "F16" or "BF16" => 2,
        _ => null,
    };

    /// <summary>Widens little-endian values of <paramref name="type"/>.</summary>
    public static void ToSingle(string type, ReadOnlySpan<byte> source, Span<float> target)
    {
        switch (type)
        {
            case "F32":
                MemoryMarshal.Cast<byte, float>(source).CopyTo(target);
                break;
            case "F16":
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), target);
                break;
            case "BF16":
                var words = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "F32, F16 or BF16");
        }
    }

    /// <summary>Rounds to the nearest bf16, ties to even; what is not a number stays so.</summary>
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);

        // Rounded up, the fraction of such a value would carry into the sign, or its rest would be cut off and leave an infinity.
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Whether no value is infinite or not a number.</summary>
    public static bool AllFinite(ReadOnlySpan<float> values)
    {
        // A sum of zeros: x - x is 0 for each finite x and not a number for the others.
        float sum = 0;
        foreach (float value in values)
        {
            sum += value - value;
        }

        return sum == 0;
    }
}
