using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>A question to a judge.</summary>
/// <param name="Messages">The conversation; it ends with a user's turn.</param>
public sealed record JudgeQuestion(IReadOnlyList<ChatMessage> Messages);

/// <summary>What a judge answered.</summary>
/// <param name="Text">The text; empty where only a probability was asked for.</param>
/// <param name="YesProbability">The probability of yes over that of yes and no; null where JSON was asked for, or neither word was an option.</param>
/// <param name="Truncated">Whether the text ended at the token limit.</param>
/// <param name="Refusal">Why there is no answer and asking again would not help, such as a prompt longer than the judge's context; null otherwise.</param>
public sealed record JudgeAnswer(string Text, double? YesProbability = null, bool Truncated = false, string? Refusal = null);

/// <summary>Who answers a judge's questions: a model of this process, or an endpoint.</summary>
public interface IJudge : IAsyncDisposable
{
    /// <summary>As shown to the user.</summary>
    string Name { get; }

    /// <summary>Everything about the judge itself that decides an answer.</summary>
    string Identity { get; }

    /// <summary>Answers at temperature 0.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="onAnswer">Hears each answer with its question's position, from any thread, as soon as it is there: what was answered is known also where a later call fails.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RewardInfrastructureException">It does not answer, also when tried again.</exception>
    /// <exception cref="UserInputException">It refuses every question; the message names the field.</exception>
    Task AskAsync(IReadOnlyList<JudgeQuestion> questions, Action<int, JudgeAnswer> onAnswer, CancellationToken cancellationToken);
}
