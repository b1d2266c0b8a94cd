using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>Generates many continuations, as many at a time as fit the memory.</summary>
public sealed class BatchGenerator(ComputeThread compute)
{
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
        var batch = await compute.RunAsync(priority, () => new DecodingBatch(model, adapter, prompts, groupSize, options, random), cancellationToken);
        try
        {
            while (await compute.RunAsync(priority, () => ShortWork.Repeat(batch.Advance), cancellationToken))
            {
            }

            return batch.Completions();
        }
        finally
        {
            await compute.RunAsync(priority, batch.Dispose, CancellationToken.None);
        }
    }
}
