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
    /// <exception cref="RewardInfrastructureException">The reward function could not be reached.</exception>
    public async Task<IReadOnlyList<GradedCompletion[]>> RunAsync(
        LoraAdapter? adapter, IReadOnlyList<EncodedPrompt> prompts, SamplingOptions options, int samples, long seed, CancellationToken cancellationToken)
    {
        var completions = await new BatchGenerator(compute).GenerateAsync(
            model,
            adapter,
            [.. prompts.Select(x => x.Ids)],
            samples,
            options,
            (prompt, sample, token) => CounterRandom.Uniform((ulong)seed, RandomStream.Evaluation, (ulong)prompt, (ulong)sample, (ulong)token),
            WorkPriority.Training,
            cancellationToken);
        return await Grading.GradeAsync(model, prompts, completions, reward, cancellationToken);
    }
}
