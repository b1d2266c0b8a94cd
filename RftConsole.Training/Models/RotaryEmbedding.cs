using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// Rotary position embedding in the half-split layout of Hugging Face (Su et al., "RoFormer", 2021), with the frequency scaling of Llama 3.1.
/// </summary>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _cos;
    private readonly Tensor _sin;

    /// <summary>Tables for all positions of the context.</summary>
    public RotaryEmbedding(DecoderConfig config)
    {
        int half = config.HeadSize / 2;
        float[] cos = new float[config.ContextLength * config.HeadSize];
        float[] sin = new float[cos.Length];
        for (int i = 0; i < half; i++)
        {
            // Frequencies and angles in fp32, as the reference computes them: at position 8,000 the rounding shows.
            float frequency = (float)Scale(1.0 / Math.Pow(config.RotaryBase, 2.0 * i / config.HeadSize), config.RotaryScaling);
            for (int position = 0; position < config.ContextLength; position++)
            {
                float angle = position * frequency;
                int at = (position * config.HeadSize) + i;
                cos[at] = cos[at + half] = MathF.Cos(angle);
                sin[at] = -MathF.Sin(angle);
                sin[at + half] = MathF.Sin(angle);
            }
        }

        _cos = tensor(cos, [config.ContextLength, config.HeadSize]).DetachFromDisposeScope();
        _sin = tensor(sin, [config.ContextLength, config.HeadSize]).DetachFromDisposeScope();
    }

    /// <summary>The rotation of each position: cosines and signed sines <c>[batch, time, 1, head size]</c>.</summary>
    /// <param name="positions"><c>[batch, time]</c>, int64.</param>
    public (Tensor Cos, Tensor Sin) At(Tensor positions) =>
        (Rows(_cos, positions), Rows(_sin, positions));

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

    private static Tensor Rows(Tensor table, Tensor positions) =>
        table.index_select(0, positions.flatten()).view(positions.size(0), positions.size(1), 1, table.size(1));

    private static double Scale(double frequency, RotaryScaling? scaling)
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
