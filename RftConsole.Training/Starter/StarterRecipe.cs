using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;

namespace RftConsole.Training.Starter;

/// <summary>Everything that decides the starter model's weights, apart from the corpus' own code.</summary>
public sealed record StarterRecipe
{
    public long Seed { get; init; } = 1;

    /// <summary>Documents of a batch. Small batches learn to copy soonest in wall-clock time.</summary>
    public int BatchRows { get; init; } = 32;

    public int TotalSteps { get; init; } = 40_000;

    /// <summary>Steps whose documents are mostly careful answers (<see cref="StyleMix.Schooling"/>); the rest imitate the web.</summary>
    public int SchoolingSteps { get; init; } = 30_000;

    public int WarmupSteps { get; init; } = 200;

    public double PeakLearningRate { get; init; } = 3e-3;

    public double MaxGradNorm { get; init; } = 1.0;

    public AdamWOptions Optimizer { get; init; } = new(Beta1: 0.9, Beta2: 0.98, Epsilon: 1e-8, WeightDecay: 0.01);

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointInterval { get; init; } = 500;

    /// <summary>The decoder: width 128 won against wider and deeper ones in learning per second of two cores.</summary>
    public DecoderConfig Shape { get; init; } = new()
    {
        VocabularySize = StarterTokenizer.DefaultVocabularySize,
        HiddenSize = 128,
        IntermediateSize = 384,
        LayerCount = 6,
        HeadCount = 4,
        KeyValueHeadCount = 4,
        HeadSize = 32,
        ContextLength = 512,
        NormEpsilon = 1e-5,
        RotaryBase = 10000,
        TiedEmbeddings = true,
    };
}
