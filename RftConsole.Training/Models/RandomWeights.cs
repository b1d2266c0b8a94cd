using RftConsole.Training.Compute;
using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// The weights that training from scratch begins with: normal with standard deviation 0.02, the projections into the residual stream smaller with depth (GPT-2). Each
/// number is a pure function of the seed and its place.
/// </summary>
public sealed class RandomWeights(DecoderConfig config, long seed) : IWeightSource
{
    private const double Deviation = 0.02;

    /// <inheritdoc/>
    public string Path => "random weights";

    /// <inheritdoc/>
    public IEnumerable<string> Names => WeightShapes.Of(config).Select(x => x.Name);

    /// <inheritdoc/>
    public string StoredType => "F32";

    /// <inheritdoc/>
    public void Require(string name, params ReadOnlySpan<long> shape) => PlaceOf(name, shape);

    /// <inheritdoc/>
    public Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        ulong place = PlaceOf(name, shape);
        if (shape.Length == 1)
        {
            return name.EndsWith("bias", StringComparison.Ordinal) ? zeros(shape[0]) : ones(shape[0]);
        }

        bool intoResidual = name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal);
        double deviation = intoResidual ? Deviation / Math.Sqrt(2.0 * config.LayerCount) : Deviation;
        float[] values = new float[shape[0] * shape[1]];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(deviation * CounterRandom.Normal((ulong)seed, RandomStream.WeightInitialisation, place, (ulong)i));
        }

        return tensor(values, [shape[0], shape[1]]);
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>The place of a weight in the model, from 1.</summary>
    private ulong PlaceOf(string name, ReadOnlySpan<long> shape)
    {
        ulong place = 0;
        foreach (var (other, expected) in WeightShapes.Of(config))
        {
            place++;
            if (other == name)
            {
                return shape.SequenceEqual(expected) ? place : throw new WeightFormatException(Path, name, "the shape is not the configuration's");
            }
        }

        throw new WeightFormatException(Path, name, "the tensor is missing");
    }
}
