using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>What all families have in common: problems that belong to a partition, answers in three styles, flawed answers for judges.</summary>
/// <typeparam name="TProblem">What is asked, with all that an answer needs.</typeparam>
internal abstract class TaskFamily<TProblem> : ITaskFamily
{
    /// <summary>Wrong answers before a judge that are careful ones with a flaw; the others are mostly hasty, as those of the base model are.</summary>
    private const double FlawedShare = 0.5;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract double Weight { get; }

    /// <inheritdoc/>
    public StarterDocument Document(ulong seed, long index, StyleMix styles)
    {
        (TProblem problem, string response, _) = Answered(seed, index, styles);
        return new([new ChatMessage("user", Prompt(problem))], response);
    }

    /// <inheritdoc/>
    public StarterSample Sample(ulong seed, long index, StarterPartition partition)
    {
        TProblem problem = DrawFrom(new Draw(seed, $"{Name}/{partition}", index), partition);
        return new(Prompt(problem), Facts(problem), Reference(problem), Constraints(problem));
    }

    /// <inheritdoc/>
    public StarterAttempt Attempt(ulong seed, long index, bool right)
    {
        Draw draw = new(seed, Name + "/attempt", index);
        TProblem problem = DrawFrom(draw, StarterPartition.Pretraining);
        JsonObject facts = Facts(problem);
        while (true)
        {
            string response = right || !draw.Chance(FlawedShare) ? Write(problem, StyleMix.Attempts.Pick(draw), draw) : Flaw(problem, Write(problem, AnswerStyle.Careful, draw), draw);
            (string Item, bool Found)[] checks = [.. Checks(problem, response)];

            // Where the items do not tell right from wrong, nobody could say why it is so.
            if (response.Length > 0 && IsRight(facts, response) == right && checks.All(check => check.Found) == right)
            {
                return new(Prompt(problem), response, right, string.Join(", ", checks.Select(check => $"{check.Item} {(check.Found ? "yes" : "no")}")));
            }
        }
    }

    /// <inheritdoc/>
    public abstract bool IsRight(JsonObject facts, string response);

    /// <summary>A document together with the problem and the style behind it.</summary>
    internal (TProblem Problem, string Response, AnswerStyle Style) Answered(ulong seed, long index, StyleMix styles)
    {
        Draw draw = new(seed, Name, index);
        TProblem problem = DrawFrom(draw, StarterPartition.Pretraining);
        AnswerStyle style = styles.Pick(draw);
        return (problem, Write(problem, style, draw), style);
    }

    /// <summary>Any problem of the family.</summary>
    protected abstract TProblem Problem(Draw draw);

    /// <summary>The problem without its phrasing: two problems that may read the same have the same key.</summary>
    protected abstract string Key(TProblem problem);

    /// <summary>The question as asked.</summary>
    protected abstract string Prompt(TProblem problem);

    /// <summary>An answer in a style.</summary>
    protected abstract string Write(TProblem problem, AnswerStyle style, Draw draw);

    /// <summary>What <see cref="IsRight"/> checks by.</summary>
    internal abstract JsonObject Facts(TProblem problem);

    /// <summary>The reference answer of the record.</summary>
    protected virtual JsonNode? Reference(TProblem problem) => null;

    /// <summary>The constraints of the record.</summary>
    protected virtual JsonObject? Constraints(TProblem problem) => null;

    /// <summary>What a right answer has, and whether this one has it: what a careful reader would go through. Right answers have all of it.</summary>
    protected virtual IEnumerable<(string Item, bool Found)> Checks(TProblem problem, string response) => [("right", IsRight(Facts(problem), response))];

    /// <summary>The item that says how long a right answer is.</summary>
    protected static (string Item, bool Found) Length(string right, string response)
    {
        int wanted = Words.Of(right).Length;
        return ($"{wanted} words", Words.Of(response).Length == wanted && response.EndsWith('.'));
    }

    /// <summary>A careful answer with something wrong in it; may still be right by chance, or because what was changed does not matter.</summary>
    protected virtual string Flaw(TProblem problem, string response, Draw draw) => Flaws.InWords(response, draw);

    private TProblem DrawFrom(Draw draw, StarterPartition partition) => StarterPartitions.DrawFrom(partition, draw, Problem, Key);
}
