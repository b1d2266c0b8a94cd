using RftConsole.Training.Starter;

namespace RftConsole.Tests.Starter;

public sealed class BpeTrainerTests
{
    private static readonly string[] Special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_of_equals_the_one_with_the_lower_ids()
    {
        // ab 5 times, ba 3, cd 2; after the merge of ab: [ab][ab] 2, cd 2, a[ab] 0, [ab]a 1; c has a lower id than ab.
        BpeVocabulary vocabulary = BpeTrainer.Train(["abab", "abab", "aba", "cd", "cd"], Special, 259 + 3);

        Assert.Equal([("a", "b"), ("c", "d"), ("ab", "ab")], vocabulary.Merges);
        Assert.Equal(["ab", "cd", "abab"], vocabulary.Tokens.Skip(259));
    }

    [Fact]
    public void Special_tokens_come_first_then_all_bytes()
    {
        BpeVocabulary vocabulary = BpeTrainer.Train(["x"], Special, 1024);

        Assert.Equal(Special, vocabulary.Tokens.Take(3));
        Assert.Equal(259, vocabulary.Tokens.Count);
        Assert.Equal("!", vocabulary.Tokens[3]);
        Assert.Equal(259, vocabulary.Tokens.Distinct().Count());
    }

    [Fact]
    public void No_merge_contains_a_digit()
    {
        BpeVocabulary vocabulary = StarterTokenizer.Train(new StarterCorpus(1));

        Assert.DoesNotContain(vocabulary.Merges, merge => (merge.Left + merge.Right).Any(char.IsDigit));
    }

    [Fact]
    public void The_same_texts_give_the_same_vocabulary()
    {
        BpeVocabulary first = StarterTokenizer.Train(new StarterCorpus(1), 700);
        BpeVocabulary second = StarterTokenizer.Train(new StarterCorpus(1), 700);

        Assert.Equal(first.Tokens, second.Tokens);
        Assert.Equal(first.Merges, second.Merges);
    }
}
