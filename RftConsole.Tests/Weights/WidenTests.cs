using System.Buffers.Binary;

using RftConsole.Training.Compute;
using RftConsole.Training.Weights;

namespace RftConsole.Tests.Weights;

/// <summary>Stored 16-bit values widen exactly, and fp32 rounds to the nearest bf16.</summary>
public sealed class WidenTests
{
    [Fact]
    public void Every_bf16_value_widens_exactly_and_rounds_back_to_itself()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            float value = One("BF16", (ushort)bits);
            double expected = Decoded(bits, exponentBits: 8, fractionBits: 7);
            if (double.IsNaN(expected))
            {
                Assert.True(float.IsNaN(value));
                continue;
            }

            Assert.Equal(expected, (double)value);
            Assert.Equal(bits, Widen.ToBFloat16(value));
        }
    }

    [Fact]
    public void Every_f16_value_widens_exactly()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Assert.Equal(Decoded(bits, exponentBits: 5, fractionBits: 10), (double)One("F16", (ushort)bits));
        }
    }

    [Fact]
    public void A_number_rounds_to_the_nearest_bf16_and_from_the_middle_to_the_even_one()
    {
        for (ulong i = 0; i < 20_000; i++)
        {
            float value = (float)(CounterRandom.Normal(1, 0, i) * Math.Pow(10, (20 * CounterRandom.Uniform(1, 1, i)) - 10));
            ushort rounded = Widen.ToBFloat16(value);
            double error = Math.Abs((double)One("BF16", rounded) - value);
            Assert.True(error <= Math.Abs((double)One("BF16", (ushort)(rounded + 1)) - value));
            Assert.True(error <= Math.Abs((double)One("BF16", (ushort)(rounded - 1)) - value));
        }

        // 1 + 2⁻⁸ lies between 1 (even) and 1 + 2⁻⁷ (odd); 1 + 3 · 2⁻⁸ between the latter and 1 + 2⁻⁶ (even).
        Assert.Equal(0x3f80, Widen.ToBFloat16(1 + (1 / 256f)));
        Assert.Equal(0x3f82, Widen.ToBFloat16(1 + (3 / 256f)));
        Assert.Equal(0x3f81, Widen.ToBFloat16(MathF.BitIncrement(1 + (1 / 256f))));
    }

    [Theory]
    [InlineData(0x7fffffffu)]
    [InlineData(0xffffffffu)]
    [InlineData(0x7f800001u)]
    [InlineData(0xffc00000u)]
    public void What_is_not_a_number_stays_so(uint bits) =>
        Assert.True(float.IsNaN(One("BF16", Widen.ToBFloat16(BitConverter.UInt32BitsToSingle(bits)))));

    [Fact]
    public void Infinity_and_numbers_beyond_the_largest_bf16_become_infinite()
    {
        Assert.Equal(0x7f80, Widen.ToBFloat16(float.PositiveInfinity));
        Assert.Equal(0xff80, Widen.ToBFloat16(float.NegativeInfinity));
        Assert.Equal(0x7f80, Widen.ToBFloat16(float.MaxValue));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void One_value_that_is_not_finite_is_found_among_many(float wrong)
    {
        float[] values = new float[1001];
        values.AsSpan().Fill(float.MaxValue);
        Assert.True(Widen.AllFinite(values));
        values[700] = wrong;
        Assert.False(Widen.AllFinite(values));
    }

    private static float One(string type, ushort bits)
    {
        byte[] source = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(source, bits);
        float[] target = new float[1];
        Widen.ToSingle(type, source, target);
        return target[0];
    }

    /// <summary>IEEE 754's value of sign, exponent and fraction.</summary>
    private static double Decoded(int bits, int exponentBits, int fractionBits)
    {
        int all = (1 << exponentBits) - 1, bias = all >> 1;
        int exponent = (bits >> fractionBits) & all, fraction = bits & ((1 << fractionBits) - 1);
        double sign = bits >> 15 == 0 ? 1 : -1;
        double part = fraction / (double)(1 << fractionBits);
        return exponent == all ? (fraction == 0 ? sign * double.PositiveInfinity : double.NaN)
            : exponent == 0 ? sign * part * Math.Pow(2, 1 - bias)
            : sign * (1 + part) * Math.Pow(2, exponent - bias);
    }
}
