using System.Globalization;

namespace RftConsole.Training.Starter.Passages;

/// <summary>What can be known of a person.</summary>
internal enum FactKind
{
    Home,
    Job,
    Age,
    Thing,
}

/// <summary>What is known of a person.</summary>
/// <param name="Person">Who.</param>
/// <param name="Kind">What is known.</param>
/// <param name="Value">As it stands in a sentence.</param>
internal sealed record PersonFact(string Person, FactKind Kind, string Value)
{
    private static readonly string[] s_colours = ["red", "white", "black", "brown", "grey", "green", "blue"];
    private static readonly string[] s_things = ["bike", "car", "boat", "coat", "house", "lamp", "bag"];

    /// <summary>The fact without a full stop.</summary>
    public string Sentence => Kind switch
    {
        FactKind.Home => $"{Person} lives in {Value}",
        FactKind.Job => $"{Person} is a {Value}",
        FactKind.Age => $"{Person} is {Value} years old",
        _ => $"{Person} has a {Value}",
    };

    /// <summary>Any fact of a kind.</summary>
    public static PersonFact Of(string person, FactKind kind, Draw draw) => new(person, kind, kind switch
    {
        FactKind.Home => draw.Pick(StarterWords.Cities),
        FactKind.Job => draw.Pick(StarterWords.Jobs),
        FactKind.Age => draw.Between(18, 79).ToString(CultureInfo.InvariantCulture),
        _ => $"{draw.Pick(s_colours)} {draw.Pick(s_things)}",
    });
}

/// <summary>The kinds of facts and how they are asked for.</summary>
internal static class FactKinds
{
    private static readonly string[][] s_questions =
    [
        ["Where does {person} live?", "In which city does {person} live?"],
        ["What is the job of {person}?", "What does {person} do?"],
        ["How old is {person}?", "What is the age of {person}?"],
        ["What does {person} have?", "What does {person} own?"],
    ];

    public static IReadOnlyList<FactKind> All { get; } = Enum.GetValues<FactKind>();

    public static int Count => All.Count;

    /// <summary>A question for a fact.</summary>
    public static string Question(FactKind kind, string person, Draw draw) => draw.Pick(s_questions[(int)kind]).Replace("{person}", person, StringComparison.Ordinal);
}
