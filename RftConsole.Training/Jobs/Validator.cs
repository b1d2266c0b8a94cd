using RftConsole.Training.Compute;
using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Jobs;

/// <summary>Generates and grades completions of given prompts: a job's validation, and the <c>evaluate</c> command.</summary>
public sealed class Validator(LoadedModel model, IRewardFunction reward, ComputeThread compute)
{
    /// <summary>Completions by prompt, then by sample; greedy ones are the same for each seed.</summary>
    /// <param name="adapter">The adapter; null for the base model.</param>
    /// <param name="prompts">What is answered.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="samples">Completions of each prompt.</param>
    /// <param name="seed">The same seed gives the same completions.</param>
    /// <param name="cancellationToken">Ends it between tokens.</param>
    /// <param name="first">The number of the first prompt, where the prompts are a part of more: each has its own random numbers.</param>
    /// <param name="priority">Who waits for it.</param>
    /// <exception cref="RewardInfrastructureException">The reward function could not be reached.</exception>
    public async Task<IReadOnlyList<GradedCompletion[]>> RunAsync(
        LoraAdapter? adapter,
        IReadOnlyList<EncodedPrompt> prompts,
        SamplingOptions options,
        int samples,
        long seed,
        CancellationToken cancellationToken,
        int first = 0,
        WorkPriority priority = WorkPriority.Training)
    {
        var completions = await new BatchGenerator(compute).GenerateAsync(
            model,
            adapter,
            [.. prompts.Select(x => x.Ids)],
            samples,
            options,
            (prompt, sample, token) => CounterRandom.Uniform((ulong)seed, RandomStream.Evaluation, (ulong)(first + prompt), (ulong)sample, (ulong)token),
            priority,
            cancellationToken);
        return await Grading.GradeAsync(model, prompts, completions, reward, cancellationToken);
    }
}
