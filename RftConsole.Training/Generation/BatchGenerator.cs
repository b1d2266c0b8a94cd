using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>Generates many continuations, in waves that fit the memory.</summary>
public sealed class BatchGenerator(ComputeThread compute)
{
    /// <summary>
    /// Most continuations that are decoded together. The composition of a wave is a function of the work and never of time: what a row's result is,
    /// to the last bit, depends on the rows beside it.
    /// </summary>
    public const int RowsPerWave = 256;

    /// <summary>Continues each prompt <paramref name="groupSize"/> times; the result is by prompt, then by sample.</summary>
    public async Task<IReadOnlyList<Completion[]>> GenerateAsync(
        LoadedModel model,
        LoraAdapter? adapter,
        IReadOnlyList<int[]> prompts,
        int groupSize,
        SamplingOptions options,
        TokenRandom random,
        WorkPriority priority,
        CancellationToken cancellationToken)
    {
        var completions = new List<Completion[]>(prompts.Count);
        foreach (int[][] wave in prompts.Chunk(Math.Max(1, RowsPerWave / groupSize)))
        {
            int first = completions.Count;
            var batch = await compute.RunAsync(
                priority, () => new DecodingBatch(model, adapter, wave, groupSize, options, (prompt, sample, token) => random(first + prompt, sample, token)), cancellationToken);
            try
            {
                while (await compute.RunAsync(priority, batch.Prefill, cancellationToken))
                {
                }

                while (await compute.RunAsync(priority, batch.Step, cancellationToken))
                {
                }

                completions.AddRange(batch.Completions());
            }
            finally
            {
                await compute.RunAsync(priority, batch.Dispose, CancellationToken.None);
            }
        }

        return completions;
    }
}
