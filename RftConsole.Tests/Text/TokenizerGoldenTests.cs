using System.Text.Json;

using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class TokenizerGoldenTests
{
    private const string File = "tokenize.jsonl";

    [Theory]
    [MemberData(nameof(Goldens.Sets), MemberType = typeof(Goldens))]
    public void Every_text_has_the_reference_ids(string set)
    {
        var lines = Goldens.LinesOf(set, File);
        var tokenizer = Tokenizer.Load(Goldens.TokenizerFolderOf(set));

        Assert.All(lines, line => Assert.Equal(Ids(line, "ids"), tokenizer.Encode(Text(line, "text"))));
        Assert.NotEmpty(lines);
    }

    [Theory]
    [MemberData(nameof(Goldens.Sets), MemberType = typeof(Goldens))]
    public void Special_tokens_stand_where_the_post_processor_puts_them(string set)
    {
        var lines = Goldens.LinesOf(set, File).Where(line => line.TryGetProperty("ids_with_special", out _)).ToList();
        Assert.SkipWhen(lines.Count == 0, $"{set} has no ids with special tokens");
        var tokenizer = Tokenizer.Load(Goldens.TokenizerFolderOf(set));

        Assert.All(lines, line => Assert.Equal(Ids(line, "ids_with_special"), tokenizer.Encode(Text(line, "text"), addSpecialTokens: true)));
    }

    [Theory]
    [MemberData(nameof(Goldens.Sets), MemberType = typeof(Goldens))]
    public void Decoding_gives_the_reference_text(string set)
    {
        var lines = Goldens.LinesOf(set, File).Where(line => line.TryGetProperty("decoded", out _)).ToList();
        Assert.SkipWhen(lines.Count == 0, $"{set} has no decoded texts");
        var tokenizer = Tokenizer.Load(Goldens.TokenizerFolderOf(set));

        Assert.All(lines, line => Assert.Equal(Text(line, "decoded"), tokenizer.Decode(Ids(line, "ids"))));
    }

    [Theory]
    [MemberData(nameof(Goldens.Sets), MemberType = typeof(Goldens))]
    public void Decoding_token_by_token_gives_the_same_text_as_at_once(string set)
    {
        var lines = Goldens.LinesOf(set, File);
        var tokenizer = Tokenizer.Load(Goldens.TokenizerFolderOf(set));

        Assert.All(lines, line =>
        {
            var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
            var pieces = Ids(line, "ids").Select(decoder.Append).ToList();
            Assert.Equal(tokenizer.Decode(Ids(line, "ids")), string.Concat(pieces) + decoder.Flush());
        });
    }

    [Fact]
    public void At_least_one_set_was_compared() => Assert.NotEmpty(Goldens.SetsWith(File));

    private static int[] Ids(JsonElement line, string key) => [.. line.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];

    private static string Text(JsonElement line, string key) => line.GetProperty(key).GetString()!;
}
