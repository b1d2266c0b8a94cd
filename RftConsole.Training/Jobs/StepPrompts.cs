using RftConsole.Training.Datasets;

namespace RftConsole.Training.Jobs;

/// <summary>Which prompts each step takes: a pure function of data, hyperparameters and step, so that a resumed job needs no position.</summary>
public static class StepPrompts
{
    /// <summary>Batches of an epoch; the last one may be smaller.</summary>
    public static int StepsPerEpoch(int rows, Hyperparameters h) => (rows + h.BatchSize!.Value - 1) / h.BatchSize.Value;

    /// <summary>The prompts of a step (from 1), each at most once.</summary>
    public static IReadOnlyList<EncodedPrompt> Of(IReadOnlyList<EncodedPrompt> prompts, Hyperparameters h, int step)
    {
        int perEpoch = StepsPerEpoch(prompts.Count, h);
        int[] order = PromptOrder.Epoch(prompts.Count, (ulong)h.Seed, (step - 1) / perEpoch);
        return [.. order.Skip((step - 1) % perEpoch * h.BatchSize!.Value).Take(h.BatchSize.Value).Select(x => prompts[x])];
    }
}
