namespace RftConsole.Training.Starter.Instructions;

/// <summary>Writes plain sentences of a wanted number of words.</summary>
internal static class SentenceWriter
{
    private static readonly string[] s_verbs = ["sleeps", "runs", "sings", "waits", "plays", "eats", "sits", "jumps", "walks", "dances", "swims", "rests"];
    private static readonly string[] s_places = ["garden", "house", "river", "forest", "park", "school", "market", "kitchen", "street", "field", "hill", "boat"];
    private static readonly string[] s_where = ["in", "near", "behind", "by"];
    private static readonly string[] s_when = ["today", "here", "now", "again", "often", "outside"];
    private static readonly string[] s_twoWords = ["every day", "at night", "at home", "all day", "with joy"];

    public static IReadOnlyList<string> Topics { get; } =
    [
        "cat", "dog", "bird", "horse", "girl", "boy", "man", "woman", "fish", "bear", "fox", "child", "king", "queen", "rabbit", "mouse", "duck", "sheep", "lion", "frog",
    ];

    public static IReadOnlyList<string> Adjectives { get; } =
    [
        "red", "big", "small", "old", "young", "happy", "sad", "quick", "slow", "kind", "brave", "quiet", "clever", "lazy", "hungry", "tired", "proud", "gentle", "funny", "strong",
        "white", "black", "brown", "grey",
    ];

    /// <summary>The sentence of five words that comes to mind first.</summary>
    public static string Usual(string topic, string use, Draw draw) => $"The {use} {topic} {draw.Pick(s_verbs)} today.";

    /// <summary>A sentence of four to nine words with <paramref name="use"/> and without <paramref name="avoid"/>.</summary>
    public static string Write(string topic, int length, string use, string avoid, Draw draw)
    {
        string second;
        do
        {
            second = draw.PickOther(Adjectives, use);
        }
        while (second == avoid);

        string who = $"The {use} {topic}", two = draw.Chance(0.5) ? $"The {use} {second} {topic}" : $"The {second} {use} {topic}";
        string verb = draw.Pick(s_verbs), place = $"{draw.Pick(s_where)} the {draw.Pick(s_places)}";
        return length switch
        {
            4 => $"{who} {verb}.",
            5 => draw.Chance(0.7) ? $"{who} {verb} {draw.Pick(s_when)}." : $"{two} {verb}.",
            6 => draw.Chance(0.7) ? $"{who} {verb} {draw.Pick(s_twoWords)}." : $"{two} {verb} {draw.Pick(s_when)}.",
            7 => draw.Chance(0.8) ? $"{who} {verb} {place}." : $"{two} {verb} {draw.Pick(s_twoWords)}.",
            8 => draw.Chance(0.6) ? $"{two} {verb} {place}." : $"{who} {verb} {place} {draw.Pick(s_when)}.",
            9 => $"{two} {verb} {place} {draw.Pick(s_when)}.",
            _ => throw new ArgumentOutOfRangeException(nameof(length), length, "There are sentences of four to nine words."),
        };
    }
}
