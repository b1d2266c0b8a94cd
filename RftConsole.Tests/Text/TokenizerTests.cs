using System.Text;

using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class TokenizerTests
{
    [Fact]
    public void The_longest_added_token_wins_at_a_place()
    {
        var tokenizer = new SmallTokenizer().Added(300, "<a>").Added(301, "<a><b>").Added(302, "<b>").Build();

        Assert.Equal([301, 300, 'x', 302], tokenizer.Encode("<a><b><a>x<b>"));
    }

    [Fact]
    public void Stripping_tokens_take_the_white_space_beside_them()
    {
        var tokenizer = new SmallTokenizer().Added(300, "<l>", """{"lstrip":true}""").Added(301, "<r>", """{"rstrip":true}""").Build();

        Assert.Equal(['x', 300, ' ', 'x'], tokenizer.Encode("x \n<l> x"));
        Assert.Equal(['x', ' ', 301, 'x'], tokenizer.Encode("x <r>\t x"));
    }

    [Fact]
    public void A_token_for_single_words_is_not_found_inside_a_word()
    {
        var tokenizer = new SmallTokenizer().Added(300, "ab", """{"single_word":true}""").Build();

        Assert.Equal([300, ' ', 'x', 'a', 'b', ' ', 'a', 'b', 0xC3, 0xA9, '.', 300], tokenizer.Encode("ab xab abé.ab"));
    }

    [Fact]
    public void A_normalized_token_is_found_in_the_normalised_text()
    {
        var tokenizer = new SmallTokenizer()
            .With("normalizer", """{"type":"NFC"}""")
            .Added(300, "caf\u00e9", """{"normalized":true}""")
            .Added(301, "the\u00e9")
            .Build();

        Assert.Equal([300], tokenizer.Encode("cafe\u0301"));
        Assert.DoesNotContain(301, tokenizer.Encode("thee\u0301"));
    }

    [Fact]
    public void Merges_as_pairs_and_as_strings_mean_the_same()
    {
        var strings = new SmallTokenizer("a b", "ab c").Build();
        var pairs = new SmallTokenizer("a b", "ab c").WithModel("merges", """[["a","b"],["ab","c"]]""").Build();

        Assert.Equal([257, 256], strings.Encode("abcab"));
        Assert.Equal(strings.Encode("abcabbcab"), pairs.Encode("abcabbcab"));
    }

    [Fact]
    public void Ignoring_merges_takes_a_whole_word_that_no_merge_reaches()
    {
        var file = new SmallTokenizer("b c", "a b", "ab c");
        Assert.Equal(['a', 256], file.Build().Encode("abc"));

        Assert.Equal([258], file.WithModel("ignore_merges", "true").Build().Encode("abc"));
    }

    [Fact]
    public void A_byte_without_a_token_becomes_the_unknown_token_and_neighbours_fuse()
    {
        var file = new SmallTokenizer();
        file.Model["vocab"]!.AsObject().Remove("z");
        Assert.Equal(['a', 'b'], file.Build().Encode("azzb"));

        file.WithModel("unk_token", "\"!\"");
        Assert.Equal(['a', '!', '!', 'b'], file.Build().Encode("azzb"));
        Assert.Equal(['a', '!', 'b'], file.WithModel("fuse_unk", "true").Build().Encode("azzb"));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(300)]
    public void Merging_follows_the_definition_for_short_and_long_words(int length)
    {
        string[] merges = ["a b", "b a", "ab a", "a a", "ab ab", "c ab", "aba b", "b b", "bb c", "abab c"];
        var tokenizer = new SmallTokenizer(merges).Build();
        var random = new Random(length);
        for (var trial = 0; trial < 6000 / length; trial++)
        {
            var word = string.Concat(Enumerable.Range(0, length).Select(_ => "abc"[random.Next(3)]));
            Assert.Equal(MergedByDefinition(word, merges), tokenizer.Encode(word).Select(id => tokenizer.Decode([id])));
        }
    }

    [Fact]
    public void A_word_of_a_million_letters_does_not_take_quadratic_time()
    {
        var tokenizer = new SmallTokenizer("a a", "aa aa", "aaaa aaaa").Build();

        // A quadratic merge would make 10^12 steps of this and never come back.
        Assert.Equal(125_000, tokenizer.Encode(new string('a', 1_000_000)).Length);
    }

    [Fact]
    public void Unpaired_surrogates_read_as_replacement_characters()
    {
        var tokenizer = new SmallTokenizer().Build();

        Assert.Equal("a\uFFFDb\uFFFD", tokenizer.Decode(tokenizer.Encode("a\uD800b\uDC00")));
    }

    [Fact]
    public void Every_text_survives_the_round_trip()
    {
        var tokenizer = Tokenizer.Load(Goldens.TokenizerFolderOf("tiny-llama-tied"));
        var random = new Random(1);
        for (var trial = 0; trial < 500; trial++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => RandomRune(random).ToString()));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Fact]
    public void Ids_of_a_padded_vocabulary_decode_to_nothing_and_special_ones_can_be_left_out()
    {
        var tokenizer = new SmallTokenizer().Added(300, "<s>", """{"special":true}""").Added(301, "<think>").Build();

        Assert.Equal("<s>a<think>", tokenizer.Decode([300, 'a', 280, 5000, 301]));
        Assert.Equal("a<think>", tokenizer.Decode([300, 'a', 280, 5000, 301], skipSpecialTokens: true));
        Assert.Equal(302, tokenizer.VocabularySize);
        Assert.Equal(300, tokenizer.IdOf("<s>"));
        Assert.Null(tokenizer.IdOf("<none>"));
        Assert.True(tokenizer.IsSpecial(300));
        Assert.False(tokenizer.IsSpecial(301));
    }

    [Fact]
    public void The_decoder_of_a_stream_holds_half_a_character_back()
    {
        var decoder = Bytes().CreateDecoder(skipSpecialTokens: false);
        var ids = Bytes().Encode("é😀!");

        var pieces = ids.Select(decoder.Append).ToArray();

        Assert.Equal(["", "é", "", "", "", "😀", "!"], pieces);
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void A_stream_that_ends_inside_a_character_ends_with_a_replacement_character()
    {
        var decoder = Bytes().CreateDecoder(skipSpecialTokens: false);
        var ids = Bytes().Encode("a😀")[..3];

        Assert.Equal("a", string.Concat(ids.Select(decoder.Append)));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("b", decoder.Append(Bytes().Encode("b")[0]));
    }

    [Fact]
    public void Any_bytes_decode_alike_at_once_and_one_by_one()
    {
        var tokenizer = Bytes();
        var random = new Random(7);
        for (var trial = 0; trial < 500; trial++)
        {
            var ids = Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(4) == 0 ? random.Next(256) : random.Next(0xC0, 0x100)).ToArray();
            var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
            Assert.Equal(tokenizer.Decode(ids), string.Concat(ids.Select(decoder.Append)) + decoder.Flush());
        }
    }

    [Fact]
    public async Task Threads_share_a_tokenizer()
    {
        var tokenizer = Tokenizer.Load(Goldens.TokenizerFolderOf("tiny-qwen2"));
        var texts = Enumerable.Range(0, 200).Select(i => $"The {i}th of many words, some of them new: {i * 7919:x} naïve 中文").ToArray();
        var alone = Tokenizer.Load(Goldens.TokenizerFolderOf("tiny-qwen2"));
        var expected = texts.Select(text => alone.Encode(text)).ToArray();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => texts.Select(text => tokenizer.Encode(text)).ToArray())));

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    private static Tokenizer Bytes() => new SmallTokenizer().Build();

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            var value = random.Next(3) switch { 0 => random.Next(0x80), 1 => random.Next(0x3000), _ => random.Next(0x110000) };
            if (Rune.TryCreate(value, out var rune))
            {
                return rune;
            }
        }
    }

    // The textbook loop: as long as any merge applies, apply the first one in the list at its leftmost place.
    private static List<string> MergedByDefinition(string word, string[] merges)
    {
        var symbols = word.Select(letter => letter.ToString()).ToList();
        while (true)
        {
            var place = merges
                .Select(merge => symbols.Zip(symbols.Skip(1), (left, right) => $"{left} {right}").ToList().IndexOf(merge))
                .FirstOrDefault(index => index >= 0, -1);
            if (place < 0)
            {
                return symbols;
            }

            symbols[place] += symbols[place + 1];
            symbols.RemoveAt(place + 1);
        }
    }
}
