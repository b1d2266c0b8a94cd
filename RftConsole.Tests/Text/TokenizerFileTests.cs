using System.Text;

using RftConsole.Training;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class TokenizerFileTests
{
    [Theory]
    [InlineData("Removed", "ab|cd|e")]
    [InlineData("Isolated", "ab|-|-|cd|-|e")]
    [InlineData("MergedWithPrevious", "ab-|-|cd-|e")]
    [InlineData("MergedWithNext", "ab|-|-cd|-e")]
    [InlineData("Contiguous", "ab|--|cd|-|e")]
    public void Split_treats_its_matches_as_told(string behavior, string expected)
    {
        var split = SmallTokenizer.Node($$$"""{"type":"Split","pattern":{"String":"-"},"behavior":"{{{behavior}}}","invert":false}""");

        Assert.Equal(expected.Split('|'), WholeWords().PreTokenizer(split, SmallTokenizer.ByteLevelWithoutWords).Pieces("ab--cd-e"));
    }

    [Fact]
    public void An_inverted_split_keeps_what_matches()
    {
        var split = SmallTokenizer.Node("""{"type":"Split","pattern":{"Regex":"[a-z]+"},"behavior":"Removed","invert":true}""");

        Assert.Equal(["ab", "cd", "e"], WholeWords().PreTokenizer(split, SmallTokenizer.ByteLevelWithoutWords).Pieces("ab--cd-e"));
    }

    [Fact]
    public void Digits_stand_alone_or_in_runs()
    {
        var digits = SmallTokenizer.Node("""{"type":"Digits","individual_digits":false}""");
        var file = new SmallTokenizer("1 2", "a 1");

        Assert.Equal(["a", "12"], file.PreTokenizer(digits, SmallTokenizer.ByteLevelWithoutWords).Pieces("a12"));
        digits["individual_digits"] = true;
        Assert.Equal(["a", "1", "2"], file.PreTokenizer(digits, SmallTokenizer.ByteLevelWithoutWords).Pieces("a12"));
    }

    [Fact]
    public void A_letter_outside_the_basic_plane_is_a_letter()
    {
        // 𝒜 and 𠀀 take two UTF-16 units, which .NET's \p{L} does not match.
        var split = SmallTokenizer.Node("""{"type":"Split","pattern":{"Regex":"\\p{L}+|[^\\p{L}]"},"behavior":"Isolated","invert":false}""");
        var word = ByteLevelAlphabet.Encode("a𝒜𠀀b");
        var file = new SmallTokenizer().WithModel("ignore_merges", "true").PreTokenizer(split, SmallTokenizer.ByteLevelWithoutWords);
        file.Model["vocab"]!.AsObject()[word] = 256;

        Assert.Equal([256, '!', 256], file.Build().Encode("a𝒜𠀀b!a𝒜𠀀b"));
    }

    [Theory]
    [InlineData(@"[^\r\n\p{L}]?+\p{L}+", @"(?>[^\r\n\p{L}]?)\p{L}+")]
    [InlineData(@"(?i:'s|'t)|\s++$|(ab|c)*+d", @"(?i:'s|'t)|(?>\s+)$|(?>(ab|c)*)d")]
    [InlineData(@"\p{N}{1,3}|[\]+]+|a\++|[]++]", @"\p{N}{1,3}|[\]+]+|a\++|[]++]")]
    public void Possessive_quantifiers_become_atomic_groups(string expression, string expected) =>
        Assert.Equal(expected, PossessiveQuantifiers.ToAtomicGroups(expression));

    [Fact]
    public void Byte_level_words_may_begin_with_an_added_space()
    {
        var file = new SmallTokenizer("Ġ a").PreTokenizer(SmallTokenizer.Node("""{"type":"ByteLevel","add_prefix_space":true}"""));

        Assert.Equal([" a", " a"], file.Pieces("a a"));
        Assert.Equal([" a"], file.Pieces(" a"));
    }

    [Fact]
    public void The_post_processors_special_tokens_surround_the_text()
    {
        var file = new SmallTokenizer().Added(300, "<s>").Added(301, "</s>").With("post_processor", """
            {"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
             "special_tokens":{"<s>":{"id":"<s>","ids":[300],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[301],"tokens":["</s>"]}}}]}
            """);

        Assert.Equal([300, 'A', 301], file.Build().Encode("A", addSpecialTokens: true));
        Assert.Equal(['A'], file.Build().Encode("A"));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_file()
    {
        byte[] json = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(new SmallTokenizer().Json())];

        Assert.Equal(256, Tokenizer.Parse(json, "tokenizer.json").VocabularySize);
    }

    [Theory]
    [InlineData("model", """{"type":"WordPiece","vocab":{}}""", "model.type is \"WordPiece\"")]
    [InlineData("model", """{"type":"BPE","vocab":{},"merges":[]}""", "model.vocab is empty")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""", "model.vocab.a must be an id")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":99999999999},"merges":[]}""", "model.vocab.a must be a whole number")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a a"]}""", "model.merges[0] needs the token \"aa\"")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a"]}""", "model.merges[0] must be two tokens")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}""", "model.end_of_word_suffix")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}""", "model.dropout must be null")]
    [InlineData("model", "null", "model is missing")]
    [InlineData("normalizer", """{"type":"Lowercase"}""", "normalizer.type is \"Lowercase\"")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace"}""", "pre_tokenizer.type is \"Metaspace\"")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer has no ByteLevel stage")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}""", "pre_tokenizer.pretokenizers[1] follows the ByteLevel stage")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"}""", "pre_tokenizer.pattern.Regex is not a regular expression")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"Glued"}""", "pre_tokenizer.behavior is \"Glued\"")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "decoder.type is \"WordPiece\"")]
    [InlineData("post_processor", """{"type":"BertProcessing"}""", "post_processor.type is \"BertProcessing\"")]
    [InlineData("added_tokens", """[{"id":1}]""", "added_tokens[0].content is missing")]
    [InlineData("added_tokens", """[{"id":1,"content":"\ud800"}]""", "added_tokens[0].content holds half of a surrogate pair")]
    public void What_is_not_supported_is_named_with_file_and_element(string key, string json, string expected)
    {
        var file = new SmallTokenizer().With(key, json == "null" ? "null" : "{}").Json();
        if (json != "null")
        {
            file = file.Replace($"\"{key}\":{{}}", $"\"{key}\":{json}");
        }

        var error = Assert.Throws<UserInputException>(() => Tokenizer.Parse(file, "my/tokenizer.json"));
        Assert.StartsWith("my/tokenizer.json: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Damaged_files_are_errors_of_the_file_and_never_of_the_program()
    {
        var json = Encoding.UTF8.GetBytes(new SmallTokenizer("a b").Added(300, "<s>").Json());
        var random = new Random(3);
        var refused = 0;
        for (var trial = 0; trial < 2000; trial++)
        {
            var damaged = json.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Tokenizer.Parse(trial % 2 == 0 ? damaged : damaged.AsMemory(0, random.Next(damaged.Length)), "tokenizer.json").Encode("ab <s>");
            }
            catch (UserInputException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000);
    }

    [Fact]
    public void A_folder_without_the_file_is_named()
    {
        var error = Assert.Throws<UserInputException>(() => Tokenizer.Load(Path.Combine(Path.GetTempPath(), "no-such-model")));
        Assert.Contains("no-such-model", error.Message);
    }

    private static SmallTokenizer WholeWords() => new("a b", "c d", "- -", "ab -", "cd -", "- cd", "- e");
}
