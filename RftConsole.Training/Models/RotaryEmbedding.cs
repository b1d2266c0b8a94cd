using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// Rotary position embedding in the half-split layout of Hugging Face (Su et al., "RoFormer", 2021), with the frequency scaling of Llama 3.1.
/// </summary>
public sealed class RotaryEmbedding : IDisposable
{
    private const int FirstRows = 2048;

    private readonly DecoderConfig _config;
    private Tensor _cos;
    private Tensor _sin;

    /// <summary>Tables for the first positions of the context; they grow as positions are asked for, because a long context may never be used.</summary>
    public RotaryEmbedding(DecoderConfig config)
    {
        _config = config;
        (_cos, _sin) = Tables(config, Math.Min(config.ContextLength, FirstRows));
    }

    /// <summary>The rotation of each position: cosines and signed sines <c>[batch, time, 1, head size]</c>.</summary>
    /// <param name="positions"><c>[batch, time]</c>, int64.</param>
    public (Tensor Cos, Tensor Sin) At(Tensor positions)
    {
        if (_cos.size(0) < _config.ContextLength)
        {
            using var highest = positions.max();
            Grow(highest.item<long>() + 1);
        }

        return (Rows(_cos, positions), Rows(_sin, positions));
    }

    /// <summary>Rotates <paramref name="x"/> <c>[batch, time, heads, head size]</c>. The sign of the rotated half is in the sines.</summary>
    public static Tensor Rotate(Tensor x, (Tensor Cos, Tensor Sin) rotation)
    {
        long size = x.size(-1);
        return (x * rotation.Cos).addcmul_(x.roll(size / 2, -1), rotation.Sin, 1);
    }

    public void Dispose()
    {
        _cos.Dispose();
        _sin.Dispose();
    }

    private void Grow(long rows)
    {
        if (rows > _cos.size(0))
        {
            var (cos, sin) = Tables(_config, (int)Math.Min(_config.ContextLength, Math.Max(rows, 2 * _cos.size(0))));
            Dispose();
            (_cos, _sin) = (cos, sin);
        }
    }

    private static (Tensor Cos, Tensor Sin) Tables(DecoderConfig config, int rows)
    {
        int half = config.HeadSize / 2;
        float[] cos = new float[checked(rows * config.HeadSize)];
        float[] sin = new float[cos.Length];
        for (int i = 0; i < half; i++)
        {
            float frequency = FrequencyOf(config, i);
            for (int position = 0; position < rows; position++)
            {
                float angle = position * frequency;
                int at = (position * config.HeadSize) + i;
                cos[at] = cos[at + half] = MathF.Cos(angle);
                sin[at] = -MathF.Sin(angle);
                sin[at + half] = MathF.Sin(angle);
            }
        }

        return (tensor(cos, [rows, config.HeadSize]).DetachFromDisposeScope(), tensor(sin, [rows, config.HeadSize]).DetachFromDisposeScope());
    }

    private static Tensor Rows(Tensor table, Tensor positions) =>
        table.index_select(0, positions.flatten()).view(positions.size(0), positions.size(1), 1, table.size(1));

    /// <summary>The rotation of a pair of numbers from one position to the next, in radians, in fp32 as the reference computes it.</summary>
    internal static float FrequencyOf(DecoderConfig config, int pair) =>
        (float)(Scale(Frequency(config, pair), config.RotaryScaling) / (config.RotaryFactors?[pair] ?? 1));

    /// <summary>The rotation of a pair of numbers from one position to the next, in radians, before any scaling.</summary>
    internal static double Frequency(DecoderConfig config, int pair) => 1.0 / Math.Pow(config.RotaryBase, 2.0 * pair / config.HeadSize);

    /// <summary>The frequency that a scaling makes of one.</summary>
    internal static double Scale(double frequency, RotaryScaling? scaling)
    {
        if (scaling is null)
        {
            return frequency;
        }

        double turns = scaling.OriginalContextLength * frequency / (2 * Math.PI);
        if (turns < scaling.LowFrequencyFactor)
        {
            return frequency / scaling.Factor;
        }

        if (turns > scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        double smooth = (turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1 - smooth) * frequency / scaling.Factor) + (smooth * frequency);
    }
}
