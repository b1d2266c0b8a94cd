using System.Text;

using RftConsole.Training.Generation;
using RftConsole.Web.Components.Playground;

namespace RftConsole.Tests.Components.Playground;

/// <summary>Tokens over the text that they spell, however they fall.</summary>
public sealed class TokenSpansTests
{
    private const string Text = "Fünf 😀 plus\nzwölf 漢字 = 17";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Tokens_of_any_number_of_bytes_spell_the_text_in_whole_characters(int size)
    {
        TokenSpans spans = new();
        IEnumerable<byte[]> tokens = Encoding.UTF8.GetBytes(Text).Chunk(size);
        Decoder decoder = Encoding.UTF8.GetDecoder();
        foreach (byte[] bytes in tokens)
        {
            char[] characters = new char[16];
            int count = decoder.GetChars(bytes, characters, flush: false);
            spans.Add(Piece(new string(characters, 0, count), null, Token(bytes)));
        }

        spans.Add(Piece("", "stop", Token("<|end|>"u8.ToArray()) with { IsSpecial = true }));

        Assert.Equal(Text, Shown(spans));
        Assert.Empty(spans.Tail);
        Assert.All(spans.Spans, span => Assert.Equal(span.Text, Encoding.UTF8.GetString([.. span.Tokens.SelectMany(token => token.Bytes)])));
        Assert.Equal("<|end|>", spans.End!.Text);
        Assert.Equal(tokens.Count(), spans.Spans.Sum(span => span.Tokens.Count));
    }

    [Fact]
    public void Text_is_there_before_its_tokens_can_be_told_apart()
    {
        TokenSpans spans = new();

        spans.Add(Piece("7", null));

        Assert.Equal("7", spans.Tail);
        Assert.Empty(spans.Spans);
    }

    [Fact]
    public void Tokens_that_do_not_spell_the_text_are_told_together_and_the_text_stays_as_it_is()
    {
        TokenSpans spans = new();

        // A tokenizer that drops the first space of an answer.
        spans.Add(Piece("four", null, Token(" four"u8.ToArray())));
        spans.Add(Piece(" five", "length", Token(" five"u8.ToArray())));

        Assert.Equal("four five", Shown(spans));
        Assert.Equal(2, Assert.Single(spans.Spans).Tokens.Count);
    }

    [Fact]
    public void Broken_characters_hold_up_the_text_no_longer_than_a_few_tokens()
    {
        TokenSpans spans = new();
        spans.Add(Piece("\uFFFD", null, Token([0xff])));
        for (int i = 0; i < 40; i++)
        {
            spans.Add(Piece("a", null, Token("a"u8.ToArray())));
        }

        Assert.Equal("\uFFFD" + new string('a', 40), Shown(spans));
        Assert.InRange(spans.Spans.Count, 20, 41);
    }

    [Fact]
    public void A_token_tells_its_probability_and_its_alternatives()
    {
        ScoredToken four = Token("4"u8.ToArray()) with { LogProbability = MathF.Log(0.75f), Likeliest = [Token("4"u8.ToArray()), Token("\"<"u8.ToArray())] };

        TokenSpan span = new("4", [four]);

        Assert.Equal(0.25, span.Doubt, 6);
        using var details = System.Text.Json.JsonDocument.Parse(span.Details!);
        Assert.Equal("\"<", details.RootElement[0][2][1][0].GetString());
        Assert.Null(new TokenSpan("4", []).Details);
    }

    private static string Shown(TokenSpans spans) => string.Concat(spans.Spans.Select(span => span.Text)) + spans.Tail;

    private static ChatPiece Piece(string text, string? finish, params ScoredToken[] tokens) => new(text, 1, TimeSpan.Zero, finish) { Tokens = tokens };

    private static ScoredToken Token(byte[] bytes) => new(Encoding.UTF8.GetString(bytes), bytes, 0, []);
}
