using RftConsole.Training.Starter.Arithmetic;
using RftConsole.Training.Starter.Extraction;

namespace RftConsole.Training.Starter;

/// <summary>The endless text that the starter model is pretrained on: document number i is a pure function of (seed, i).</summary>
public sealed class StarterCorpus
{
    private readonly ulong _seed;
    private readonly StyleMix _styles;
    private readonly double[] _weights = [.. Families.Select(family => family.Weight)];

    /// <param name="seed">Another seed is another corpus of the same kind.</param>
    /// <param name="styles">Shares of the answer styles; <see cref="StyleMix.Web"/> where null.</param>
    public StarterCorpus(ulong seed, StyleMix? styles = null)
    {
        _seed = seed;
        _styles = styles ?? StyleMix.Web;
    }

    /// <summary>All families of tasks.</summary>
    public static IReadOnlyList<ITaskFamily> Families { get; } = [new ArithmeticFamily(), new JsonExtractionFamily()];

    /// <summary>The document at <paramref name="index"/> (from 0, without end).</summary>
    public StarterDocument At(long index)
    {
        ITaskFamily family = Families[new Draw(_seed, "family", index).PickWeighted(_weights)];
        return family.Document(_seed, index, _styles);
    }
}
