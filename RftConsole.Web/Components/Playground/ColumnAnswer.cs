using System.Text;

using RftConsole.Training.Generation;
using RftConsole.Training.Rewards;
using RftConsole.Web.Evaluation;

namespace RftConsole.Web.Components.Playground;

/// <summary>One model's answer to one message, while it comes and after.</summary>
public sealed class ColumnAnswer
{
    private readonly StringBuilder _text = new();

    /// <param name="seed">What it is sampled with.</param>
    public ColumnAnswer(long seed) => Seed = seed;

    /// <summary>The same seed gives the same answer.</summary>
    public long Seed { get; }

    public string Text => _text.ToString();

    /// <summary>The text with the probabilities of its tokens.</summary>
    public TokenSpans Tokens { get; } = new();

    /// <summary>Whether more is to come.</summary>
    public bool Streaming { get; private set; } = true;

    /// <summary>A person ended it.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Why there is no answer, or no more of it.</summary>
    public string? Failure { get; private set; }

    /// <summary>Tokens so far, the end token included.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Since the first token was asked for; null of an answer that was not watched.</summary>
    public TimeSpan? Elapsed { get; private set; }

    /// <summary><c>stop</c> or <c>length</c>; null before the end.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Whether the reward function is at it.</summary>
    public bool Grading { get; set; }

    /// <summary>What the reward function said.</summary>
    public RewardResult? Grade { get; set; }

    /// <summary>Why the reward function could not be asked.</summary>
    public string? GradeFailure { get; set; }

    /// <summary>The score; null where there is none that counts.</summary>
    public double? Reward => Grade is { IsJudged: true } ? Grade.Score : null;

    /// <summary>An answer of a comparison, as it was graded there.</summary>
    public static ColumnAnswer Of(ComparedAnswer compared, long seed)
    {
        ColumnAnswer answer = new(seed) { Grade = compared.Grade };
        answer.Add(new(compared.Text ?? "", compared.Tokens, TimeSpan.Zero, compared.CutOff ? "length" : "stop"));
        answer.End(stopped: false, compared.Failure);
        answer.Elapsed = null;
        return answer;
    }

    internal void Add(ChatPiece piece)
    {
        _text.Append(piece.Text);
        Tokens.Add(piece);
        (TokenCount, Elapsed, FinishReason) = (piece.TokenCount, piece.Elapsed, piece.FinishReason);
    }

    internal void End(bool stopped, string? failure) => (Streaming, Stopped, Failure) = (false, stopped, failure);
}
