namespace RftConsole.Training.Rewards.Lab;

/// <summary>A response that nobody would call a good answer, or the reference answer itself.</summary>
public enum ProbeKind
{
    /// <summary>The reference answer, in the formats in which answers are commonly marked.</summary>
    ReferenceAnswer,

    /// <summary>Nothing at all.</summary>
    Empty,

    /// <summary>The prompt's last message, word by word.</summary>
    PromptCopied,

    /// <summary>A good response that breaks off before its answer.</summary>
    CutInHalf,

    /// <summary>A good response many times over.</summary>
    Repeated,

    /// <summary>The marks of an answer around a wrong one.</summary>
    WrongAnswer,

    /// <summary>Pages of words that say nothing.</summary>
    LongFiller,

    /// <summary>A polite refusal.</summary>
    Refusal,
}

/// <summary>One response that a reward function is tried on.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="RecordId">The record whose prompt it answers.</param>
/// <param name="Response">The text.</param>
public sealed record Probe(ProbeKind Kind, string RecordId, string Response);

/// <summary>What is wrong with a reward function, with the response that showed it.</summary>
/// <param name="Kind">The kind of response.</param>
/// <param name="Saying">A sentence for the user.</param>
/// <param name="RecordId">The record whose prompt it answers.</param>
/// <param name="Response">The response.</param>
/// <param name="Score">What the function gave it.</param>
/// <param name="ReferenceScore">The most that the reference answer got for the same prompt; null without one.</param>
public sealed record ProbeFinding(ProbeKind Kind, Saying Saying, string RecordId, string Response, double Score, double? ReferenceScore)
{
    /// <summary>The sentence in English.</summary>
    public string Message => Saying.Text;
}

/// <summary>The outcome of all probes.</summary>
/// <param name="Findings">What is wrong; empty where nothing was found.</param>
/// <param name="Probes">How many responses were tried.</param>
/// <param name="Elapsed">Time in the reward function.</param>
public sealed record ProbeReport(IReadOnlyList<ProbeFinding> Findings, int Probes, TimeSpan Elapsed)
{
    /// <summary>Each kind of response with what the function gave it.</summary>
    public IReadOnlyList<ProbeRow> Rows { get; init; } = [];
}

/// <summary>All probes of one kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Tried">How many responses.</param>
/// <param name="Failed">How many of them the function could not grade.</param>
/// <param name="Lowest">The lowest score; null where none was graded.</param>
/// <param name="Highest">The highest score.</param>
/// <param name="Best">The response that got it.</param>
/// <param name="Finding">What is wrong; null where nothing is.</param>
public sealed record ProbeRow(ProbeKind Kind, string Title, int Tried, int Failed, double? Lowest, double? Highest, string Best, ProbeFinding? Finding);
