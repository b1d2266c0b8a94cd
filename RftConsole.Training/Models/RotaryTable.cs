using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>Cosines and sines of the rotary embedding by position, in fp32 as the reference computes them: at position 8,000 the rounding shows.</summary>
internal sealed unsafe class RotaryTable(DecoderConfig config) : IDisposable
{
    private const int FirstRows = 2048;

    private readonly RowBuffer _cos = new(config.HeadSize / 2);
    private readonly RowBuffer _sin = new(config.HeadSize / 2);
    private int _rows;

    /// <summary>Makes the table long enough. A long context may never be used, so it grows as positions are asked for.</summary>
    public void Reserve(int positions)
    {
        if (positions <= _rows)
        {
            return;
        }

        _rows = Math.Min(config.ContextLength, Math.Max(Math.Max(positions, FirstRows), 2 * _rows));
        _cos.Reserve(_rows);
        _sin.Reserve(_rows);
        for (int i = 0; i < config.HeadSize / 2; i++)
        {
            float frequency = RotaryEmbedding.FrequencyOf(config, i);
            for (int position = 0; position < _rows; position++)
            {
                float angle = position * frequency;
                _cos.Row(position)[i] = MathF.Cos(angle);
                _sin.Row(position)[i] = MathF.Sin(angle);
            }
        }
    }

    /// <summary>Rotates the heads of a row, or turns them back where <paramref name="sign"/> is −1.</summary>
    public void Rotate(float* row, int heads, int position, float sign = 1)
    {
        for (int head = 0; head < heads; head++)
        {
            RowKernels.Rotate(row + (head * config.HeadSize), _cos.Row(position), _sin.Row(position), config.HeadSize / 2, sign);
        }
    }

    public void Dispose()
    {
        _cos.Dispose();
        _sin.Dispose();
    }
}
