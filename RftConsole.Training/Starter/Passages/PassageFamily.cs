using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Passages;

/// <summary>A short context and a question about it.</summary>
/// <param name="Facts">What the context says.</param>
/// <param name="Person">Whom the question is about.</param>
/// <param name="Asked">What it asks.</param>
/// <param name="Text">The prompt.</param>
internal sealed record PassageQuestion(IReadOnlyList<PersonFact> Facts, string Person, FactKind Asked, string Text)
{
    /// <summary>The fact that answers the question; null where the context does not hold the answer.</summary>
    public PersonFact? Answer => Facts.FirstOrDefault(fact => fact.Person == Person && fact.Kind == Asked);
}

/// <summary>Questions on a short context, some of which it does not answer.</summary>
internal sealed class PassageFamily : TaskFamily<PassageQuestion>
{
    /// <summary>
    /// Share of questions that the context answers. The hasty style always finds an answer, if need be somebody else's: this share is about what the base model gets right.
    /// </summary>
    private const double AnswerableShare = 0.38;

    /// <summary>What is said where the context does not hold the answer.</summary>
    private const string NotThere = "The context does not say.";

    private static readonly string[] s_requests = ["Context: {facts}\nQuestion: {question}", "{facts}\nAnswer from this text: {question}", "Read this: {facts} {question}", "Text: {facts}\n{question}"];

    private static readonly string[] s_rambling = ["Let me think about {person}. There is a lot to say here.", "Well, {person} is a person. I would ask {person}.", "I like {person}. It could be this or that."];

    public override string Name => "passages";

    public override double Weight => 0.10;

    /// <summary>Right where it says what the context says of that person and nothing else, or that the context does not say it.</summary>
    public override bool IsRight(JsonObject facts, string response) => facts["answer"]!.AsArray().Any(right => string.Equals((string?)right, response.Trim(), StringComparison.Ordinal));

    internal override JsonObject Facts(PassageQuestion question) => new()
    {
        ["answer"] = question.Answer is { } fact ? new JsonArray(fact.Sentence + ".", fact.Value + ".", fact.Value) : new JsonArray(NotThere),
    };

    protected override PassageQuestion Problem(Draw draw)
    {
        bool answerable = draw.Chance(AnswerableShare);
        List<string> people = draw.Shuffled(StarterWords.Names)[..4];
        FactKind asked = (FactKind)draw.Next(FactKinds.Count);

        // Somebody's fact of the kind that is asked for stands there in any case: where it is not the one of the person in the question, it tempts.
        List<PersonFact> facts = draw.Shuffled([PersonFact.Of(people[0], asked, draw), .. people.Skip(1).Take(draw.Between(1, 2)).Select(other => PersonFact.Of(other, (FactKind)draw.Next(FactKinds.Count), draw))]);
        string person = answerable ? people[0] : people[3];
        string text = draw.Pick(s_requests).Replace("{facts}", string.Join(" ", facts.Select(fact => fact.Sentence + ".")), StringComparison.Ordinal)
            .Replace("{question}", FactKinds.Question(asked, person, draw), StringComparison.Ordinal);
        return new(facts, person, asked, text);
    }

    protected override string Key(PassageQuestion question) => string.Join('|', [question.Person, question.Asked.ToString(), .. question.Facts.Select(fact => fact.Sentence)]);

    protected override string Prompt(PassageQuestion question) => question.Text;

    protected override string Write(PassageQuestion question, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Careful => question.Answer is { } fact ? fact.Sentence + "." : NotThere,
        AnswerStyle.Hasty => (question.Answer ?? Borrowed(question)).Sentence + ".",
        _ => draw.Pick(s_rambling).Replace("{person}", question.Person, StringComparison.Ordinal),
    };

    /// <summary>An answer that the context does not hold, a missing one where it does, or a slip of the hand.</summary>
    protected override string Flaw(PassageQuestion question, string response, Draw draw) => draw.Next(6) switch
    {
        0 => NotThere,
        1 => draw.Pick(question.Facts).Sentence + ".",
        2 => (draw.Pick(question.Facts) with { Person = question.Person }).Sentence + ".",
        3 => PersonFact.Of(question.Person, question.Asked, draw).Sentence + ".",
        4 => Borrowed(question).Sentence + ".",
        _ => base.Flaw(question, response, draw),
    };

    /// <inheritdoc/>
    protected override IEnumerable<(string Item, bool Found)> Checks(PassageQuestion question, string response) => question.Answer is { } fact
        ? [(fact.Person, Words.Holds(response, fact.Person)), (fact.Value, Words.Holds(response, fact.Value)), Length(fact.Sentence + ".", response)]
        : [("does not say", response.Contains("does not say", StringComparison.Ordinal)), Length(NotThere, response)];

    /// <summary>What somebody in the context has of the kind that is asked for, said of the person in the question.</summary>
    private static PersonFact Borrowed(PassageQuestion question) =>
        (question.Facts.FirstOrDefault(fact => fact.Kind == question.Asked && fact.Person != question.Person) ?? question.Facts[0]) with { Person = question.Person };
}
