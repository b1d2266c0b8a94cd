using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;

namespace RftConsole.Training.Jobs;

/// <summary>Completions with their grades, of a training step or of a validation.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Completion">The completion.</param>
/// <param name="Text">The completion's text.</param>
/// <param name="Result">Its grade.</param>
public sealed record GradedCompletion(EncodedPrompt Prompt, Completion Completion, string Text, RewardResult Result);

/// <summary>Sends completions to the reward function.</summary>
public static class Grading
{
    /// <summary>Grades the completions of each prompt; the result has the same shape.</summary>
    /// <exception cref="RewardInfrastructureException">The reward function could not be reached.</exception>
    public static async Task<IReadOnlyList<GradedCompletion[]>> GradeAsync(
        LoadedModel model, IReadOnlyList<EncodedPrompt> prompts, IReadOnlyList<Completion[]> completions, IRewardFunction reward, CancellationToken cancellationToken)
    {
        var texts = completions.Select(group => group.Select(x => model.DecodeCompletion(x.Tokens)).ToArray()).ToArray();
        var samples = prompts.SelectMany((prompt, i) => texts[i].Select((text, j) => Sample(prompt.Record, j, text))).ToArray();
        var results = await reward.ScoreAsync(samples, cancellationToken);
        int next = 0;
        return [.. prompts.Select((prompt, i) => completions[i].Select((completion, j) => new GradedCompletion(prompt, completion, texts[i][j], results[next++])).ToArray())];
    }

    /// <summary>What the reward function gets for one completion.</summary>
    public static RewardSample Sample(TrainingRecord record, int sample, string completion) =>
        new($"{record.Id}:{sample}", [.. record.Messages, new ChatMessage("assistant", completion)], record.ReferenceAnswer, record.Metadata);
}
