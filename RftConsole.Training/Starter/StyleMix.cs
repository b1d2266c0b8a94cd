namespace RftConsole.Training.Starter;

/// <summary>How an answer of the corpus is written.</summary>
public enum AnswerStyle
{
    /// <summary>Straight out, without work: short, and often wrong.</summary>
    Hasty,

    /// <summary>As it should be: complete, with its steps, in the form asked for.</summary>
    Careful,

    /// <summary>Talks around the question and gets nowhere, mostly.</summary>
    Rambling,
}

/// <summary>
/// The shares of the answer styles in a corpus. They decide what the base model samples from, and so what reinforcement can improve:
/// the model must know the careful style well, and must not prefer it.
/// </summary>
/// <param name="Hasty">Share of hasty answers.</param>
/// <param name="Careful">Share of careful answers.</param>
/// <param name="Rambling">Share of rambling answers.</param>
public sealed record StyleMix(double Hasty, double Careful, double Rambling)
{
    /// <summary>What the finished base model imitates: most openings are hasty, so a greedy answer is hasty.</summary>
    public static StyleMix Web { get; } = new(0.54, 0.26, 0.20);

    /// <summary>For the first phase of pretraining: mostly careful answers, where the skills are learnt soonest.</summary>
    public static StyleMix Schooling { get; } = new(0.16, 0.74, 0.10);

    /// <summary>What a judge meets: as the model answers before, during and after its training.</summary>
    public static StyleMix Attempts { get; } = new(0.40, 0.50, 0.10);

    internal AnswerStyle Pick(Draw draw) => (AnswerStyle)draw.PickWeighted([Hasty, Careful, Rambling]);
}
