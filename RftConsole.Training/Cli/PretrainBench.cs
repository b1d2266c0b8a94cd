using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Starter;
using RftConsole.Training.Supervised;

namespace RftConsole.Training.Cli;

/// <summary>One step of pretraining of the starter's shape from random weights: texts of 30 to 300 tokens, the last third of each an answer.</summary>
internal static class PretrainBench
{
    private const int ShortestText = 30;
    private const int LongestText = 300;

    public static async Task<BenchResult> RunAsync(ComputeThread compute, int documents, int repeat, CancellationToken cancellationToken)
    {
        var recipe = new StarterRecipe();
        var batch = Enumerable.Range(0, documents).Select(i => Text(recipe.Shape, (ulong)i)).ToArray();
        using var source = new RandomWeights(recipe.Shape, recipe.Seed);
        var decoder = await compute.RunAsync(WorkPriority.Training, () => Decoder.Load(source, recipe.Shape), cancellationToken);
        var trainer = await compute.RunAsync(WorkPriority.Training, () => new SupervisedTrainer(decoder, recipe.Optimizer), cancellationToken);
        await StepAsync();
        var peak = await MatrixPeak.MeasureAsync(compute);
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await StepAsync();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        await compute.RunAsync(WorkPriority.Training, trainer.Dispose, CancellationToken.None);
        await compute.RunAsync(WorkPriority.Training, decoder.Dispose, CancellationToken.None);
        Array.Sort(seconds);

        // Useful work: two operations a weight forward and four on the way back, the output layer's for answers alone; attention is left out.
        long tokens = batch.Sum(x => x.Ids.LongLength), answers = batch.Sum(x => x.Weights.LongCount(weight => weight != 0));
        long output = (long)recipe.Shape.VocabularySize * recipe.Shape.HiddenSize;
        double operations = 6.0 * (((recipe.Shape.MatrixWeightCount - output) * tokens) + (output * answers));
        return BenchResult.Of(peak, operations / seconds[repeat / 2] / 1e9, new Dictionary<string, double>
        {
            ["tokens"] = tokens,
            ["tokens_per_second"] = tokens / seconds[repeat / 2],
            ["fastest_seconds"] = seconds[0],
            ["median_seconds"] = seconds[repeat / 2],
            ["slowest_seconds"] = seconds[^1],
        });

        async Task StepAsync()
        {
            foreach (var part in SupervisedTrainer.Parts(batch))
            {
                await compute.RunAsync(WorkPriority.Training, () => trainer.Accumulate(part, SupervisedTrainer.TotalWeight(batch)), cancellationToken);
            }

            await compute.RunAsync(WorkPriority.Training, () => trainer.Update(1e-3, 1), cancellationToken);
        }
    }

    private static TrainingSequence Text(DecoderConfig shape, ulong index)
    {
        int length = Math.Min(shape.ContextLength, ShortestText + (int)(CounterRandom.Bits(1, index) % (LongestText - ShortestText + 1)));
        int[] ids = [.. Enumerable.Range(0, length).Select(i => (int)(CounterRandom.Bits(2, index, (ulong)i) % (ulong)shape.VocabularySize))];
        return new(ids, [.. ids.Select((_, i) => i < 2 * length / 3 ? 0f : 1f)]);
    }
}
