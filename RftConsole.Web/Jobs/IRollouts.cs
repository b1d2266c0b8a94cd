using RftConsole.Training;
using RftConsole.Training.Jobs;

namespace RftConsole.Web.Jobs;

/// <summary>What was out of the ordinary with a rollout.</summary>
public enum RolloutFault
{
    /// <summary>Whatever it was, or nothing.</summary>
    Any,

    /// <summary>The reward function could not grade it.</summary>
    RewardError,

    /// <summary>The judge gave no verdict.</summary>
    NoVerdict,

    /// <summary>It was cut off at the token limit.</summary>
    CutOff,
}

/// <summary>Which rollouts to show; newest step first, then prompt and sample.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Step">Only this step.</param>
/// <param name="Search">A text in prompt, response or record id.</param>
/// <param name="Skip">Rollouts left out in front.</param>
/// <param name="Take">How many.</param>
public sealed record RolloutQuery(string JobId, int? Step = null, string? Search = null, int Skip = 0, int Take = 50)
{
    public double? LeastReward { get; init; }

    public double? MostReward { get; init; }

    public int? LeastTokens { get; init; }

    public int? MostTokens { get; init; }

    public RolloutFault Fault { get; init; }

    /// <summary>Counts all that match, which takes as long as to look at them; false where the caller knows already.</summary>
    public bool Counts { get; init; } = true;
}

/// <summary>A page of rollouts and how many match in all; -1 where nobody asked.</summary>
public sealed record RolloutPage(IReadOnlyList<Rollout> Rows, int Total);

/// <summary>What a prompt was answered at one step.</summary>
/// <param name="Step">The step.</param>
/// <param name="PromptIndex">The prompt's position in it.</param>
/// <param name="Answers">The group, by sample.</param>
public sealed record RolloutMoment(int Step, int PromptIndex, IReadOnlyList<Rollout> Answers);

/// <summary>One token of a response.</summary>
/// <param name="Text">What it adds to the text; may be empty.</param>
/// <param name="LogProbability">Of the policy that sampled it, natural log.</param>
/// <param name="Base">Of the base model; null where it was not asked.</param>
public sealed record RolloutToken(string Text, double LogProbability, double? Base);

/// <summary>The answers of a job's training steps: the one place that reads them.</summary>
public interface IRollouts
{
    /// <summary>Rollouts of all prompts.</summary>
    Task<RolloutPage> PageAsync(RolloutQuery query, CancellationToken cancellationToken = default);

    /// <summary>The answers to one prompt of one step, by sample.</summary>
    Task<IReadOnlyList<Rollout>> GroupAsync(string jobId, int step, int promptIndex, CancellationToken cancellationToken = default);

    /// <summary>How many prompts a step has; 0 where there is no such step.</summary>
    Task<int> PromptsAsync(string jobId, int step, CancellationToken cancellationToken = default);

    /// <summary>How the answers to a record changed over the steps, oldest first.</summary>
    Task<IReadOnlyList<RolloutMoment>> HistoryAsync(string jobId, string recordId, CancellationToken cancellationToken = default);

    /// <summary>The tokens of a group's answers, by sample; empty where a job kept none.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="step">The step.</param>
    /// <param name="promptIndex">The prompt.</param>
    /// <param name="withBase">The base model scores the tokens too, which takes a moment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The base model cannot be loaded any more.</exception>
    Task<IReadOnlyList<IReadOnlyList<RolloutToken>>> TokensAsync(string jobId, int step, int promptIndex, bool withBase, CancellationToken cancellationToken = default);
}
