using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;

namespace RftConsole.Tests;

/// <summary>Seeded inputs of small models for the tests of generation and training.</summary>
internal static class Samples
{
    /// <summary>Prompts of ragged lengths, the first one a single token.</summary>
    public static int[][] Prompts(int count, LoadedModel model, ulong seed = 1) =>
        [.. Enumerable.Range(0, count).Select(i => Tokens(i == 0 ? 1 : 2 + (7 * i % 19), model, seed + (ulong)i))];

    /// <summary>Seeded token ids.</summary>
    public static int[] Tokens(int count, LoadedModel model, ulong seed) =>
        [.. Enumerable.Range(0, count).Select(i => (int)(CounterRandom.Uniform(seed, 99, (ulong)i) * model.Decoder.Config.VocabularySize))];

    /// <summary>The uniform number that <see cref="GenerateAsync"/> draws for a token.</summary>
    public static double Uniform(int prompt, int sample, int token) => CounterRandom.Uniform(5, RandomStream.Rollouts, (ulong)prompt, (ulong)sample, (ulong)token);

    /// <summary>Sampled continuations.</summary>
    public static Task<IReadOnlyList<Completion[]>> GenerateAsync(
        ComputeThread compute, LoadedModel model, IReadOnlyList<int[]> prompts, int groupSize, int maxTokens, double temperature = 1, LoraAdapter? adapter = null, TokenRandom? random = null) =>
        new BatchGenerator(compute).GenerateAsync(
            model, adapter, prompts, groupSize, new SamplingOptions(temperature, 1, maxTokens), random ?? Uniform, WorkPriority.Training, TestContext.Current.CancellationToken);

    /// <summary>An adapter whose factors are both seeded and not zero; a <paramref name="size"/> of 0.3 says something else than the model. Use it on the compute thread.</summary>
    public static LoraAdapter Adapter(DecoderConfig config, long seed, double size = 0.05)
    {
        var adapter = LoraAdapter.Create(config, new(4, 8, [.. WeightShapes.LinearLayers]), seed);
        ulong stream = 0;
        foreach (var (name, parameter) in adapter.Parameters())
        {
            stream++;
            if (name.Contains("lora_B", StringComparison.Ordinal))
            {
                float[] values = [.. Enumerable.Range(0, (int)parameter.NumberOfElements).Select(i => (float)(size * CounterRandom.Normal((ulong)seed, 77, stream, (ulong)i)))];
                parameter.copy_(TorchSharp.torch.tensor(values, parameter.shape));
            }
        }

        return adapter;
    }
}
