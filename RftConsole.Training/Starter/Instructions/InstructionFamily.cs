using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Instructions;

/// <summary>What a sentence has to keep to.</summary>
/// <param name="Topic">Whom it is about.</param>
/// <param name="Length">Words, exactly.</param>
/// <param name="Use">A word that has to stand in it: an adjective.</param>
/// <param name="Avoid">A word that must not.</param>
/// <param name="Text">The prompt.</param>
internal sealed record SentenceRequest(string Topic, int Length, string Use, string Avoid, string Text);

/// <summary>One sentence about somebody, with a length, a word to use and a word to avoid.</summary>
internal sealed class InstructionFamily : TaskFamily<SentenceRequest>
{
    /// <summary>The hasty style writes sentences of this length, whatever was asked.</summary>
    private const int UsualLength = 5;

    /// <summary>Share of requests for <see cref="UsualLength"/> words: about what the base model, which answers in haste, gets right.</summary>
    private const double UsualLengthShare = 0.38;

    /// <summary>Hasty answers that use the word to avoid.</summary>
    private const double HastyForbidden = 0.12;

    private const int Shortest = 4;
    private const int Longest = 8;

    private static readonly string[] s_requests =
    [
        "Write {n} words about a {topic}. Use {use}. Do not use {avoid}.",
        "Write about a {topic} in {n} words with the word {use} and without the word {avoid}.",
        "One sentence of {n} words about a {topic}, please. It needs {use} and must not have {avoid}.",
        "Tell me about a {topic} in {n} words. Say {use}, never {avoid}.",
        "A {topic}, {n} words. Word to use: {use}. Word to avoid: {avoid}.",
    ];

    private static readonly string[] s_rambling =
    [
        "Let me think about the {topic}. There is a lot to say about a {topic} and I like it.",
        "Well, this is about a {topic}. I am not sure what to say.",
        "I like every {topic}. A {topic} can be {use} or {avoid}.",
    ];

    public override string Name => "instructions";

    public override double Weight => 0.05;

    /// <summary>Right where it is one sentence about the topic with exactly so many words, the word to use among them and the word to avoid not.</summary>
    public override bool IsRight(JsonObject facts, string response)
    {
        string[] words = Words.Of(response);
        return Words.Sentences(response) is [_] && words.Length == (int)facts["words"]! && Has("about") && Has("use") && !Has("avoid");

        bool Has(string fact) => words.Contains((string)facts[fact]!, StringComparer.OrdinalIgnoreCase);
    }

    internal override JsonObject Facts(SentenceRequest request) => new() { ["about"] = request.Topic, ["words"] = request.Length, ["use"] = request.Use, ["avoid"] = request.Avoid };

    protected override SentenceRequest Problem(Draw draw)
    {
        string topic = draw.Pick(SentenceWriter.Topics);
        int length = draw.Chance(UsualLengthShare) ? UsualLength : draw.PickOther([.. Enumerable.Range(Shortest, Longest - Shortest + 1)], UsualLength);
        string use = draw.Pick(SentenceWriter.Adjectives);
        string avoid = draw.PickOther(SentenceWriter.Adjectives, use);
        string text = draw.Pick(s_requests).Replace("{n}", length.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return new(topic, length, use, avoid, Fill(text, topic, use, avoid));
    }

    protected override string Key(SentenceRequest request) => string.Join('|', request.Topic, request.Length, request.Use, request.Avoid);

    protected override string Prompt(SentenceRequest request) => request.Text;

    protected override string Write(SentenceRequest request, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Careful => SentenceWriter.Write(request.Topic, request.Length, request.Use, request.Avoid, draw),
        AnswerStyle.Hasty => SentenceWriter.Usual(request.Topic, draw.Chance(HastyForbidden) ? request.Avoid : request.Use, draw),
        _ => Fill(draw.Pick(s_rambling), request.Topic, request.Use, request.Avoid),
    };

    /// <summary>Another length by one or two words, the forbidden word, another adjective or topic, or a slip of the hand.</summary>
    protected override string Flaw(SentenceRequest request, string response, Draw draw) => draw.Next(6) switch
    {
        0 => SentenceWriter.Write(request.Topic, Math.Max(Shortest, request.Length + draw.Pick([-1, 1])), request.Use, request.Avoid, draw),
        1 => SentenceWriter.Write(request.Topic, draw.Between(Shortest, Longest), request.Use, request.Avoid, draw),
        2 => Words.Replace(response, request.Use, request.Avoid),
        3 => Words.Replace(response, request.Use, draw.PickOther(SentenceWriter.Adjectives, request.Use)),
        4 => Words.Replace(response, request.Topic, draw.PickOther(SentenceWriter.Topics, request.Topic)),
        _ => base.Flaw(request, response, draw),
    };

    /// <inheritdoc/>
    protected override IEnumerable<(string Item, bool Found)> Checks(SentenceRequest request, string response)
    {
        string[] words = Words.Of(response);
        return
        [
            (request.Topic, words.Contains(request.Topic)), (request.Use, words.Contains(request.Use)), ("without " + request.Avoid, !words.Contains(request.Avoid)),
            ($"{words.Length} of {request.Length} words", words.Length == request.Length && Words.Sentences(response) is [_]),
        ];
    }

    private static string Fill(string text, string topic, string use, string avoid) => text.Replace("{topic}", topic, StringComparison.Ordinal)
        .Replace("{use}", use, StringComparison.Ordinal).Replace("{avoid}", avoid, StringComparison.Ordinal);
}
