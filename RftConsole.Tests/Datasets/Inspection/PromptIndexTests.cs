using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.Inspection;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Datasets.Inspection;

public sealed class PromptIndexTests
{
    private const string Question = "A farmer has 17 sheep and buys 5 more at the market on Monday. How many sheep does the farmer have on Tuesday morning?";

    [Fact]
    public void A_prompt_that_comes_again_is_an_exact_duplicate_of_the_first()
    {
        var index = new PromptIndex();

        Assert.Null(index.Add(3, Record(Question)));
        Assert.Equal(new PromptMatch(3, Exact: true, SameReference: true), index.Add(8, Record(Question)));
        Assert.Equal(new PromptMatch(3, Exact: true, SameReference: false), index.Add(9, Record(Question, reference: "23")));
        Assert.Null(index.Add(10, new TrainingRecord("r", [new("system", "Be brief."), new("user", Question)], "22", [])) is { Exact: true } ? "exact" : null);
    }

    [Theory]
    [InlineData("a farmer has 17 sheep, and buys 5 more at the market on monday.  How many sheep does the farmer have on Tuesday morning")]
    [InlineData("A farmer has 17 sheep and buys 5 more at the market on Monday. How many sheep does the farmer have on Tuesday morning? Thanks!")]
    [InlineData("A farmer has 17 sheep and buys 5 more at the market on Friday. How many sheep does the farmer have on Tuesday morning?")]
    public void Case_punctuation_and_a_word_more_or_less_make_a_near_duplicate(string other)
    {
        var index = new PromptIndex();
        index.Add(1, Record(Question));

        Assert.Equal(new PromptMatch(1, Exact: false, SameReference: false), index.Add(2, Record(other)));
        Assert.Equal(1, index.Find(Record(other + " "))?.Line);
    }

    [Theory]
    [InlineData("A farmer has 18 sheep and buys 5 more at the market on Monday. How many sheep does the farmer have on Tuesday morning?")]
    [InlineData("A baker bakes 17 loaves in the morning and sells 5 of them before noon. How many loaves are left for the afternoon?")]
    public void Other_numbers_or_another_story_are_another_problem(string other)
    {
        var index = new PromptIndex();
        index.Add(1, Record(Question));

        Assert.Null(index.Add(2, Record(other)));
    }

    [Fact]
    public void Operators_count_and_single_words_can_be_told_apart()
    {
        var index = new PromptIndex();

        Assert.All(new[] { "What is 12 + 7?", "What is 12 - 7?", "What is 12 * 7?", "Hello", "Goodbye", "?!" }, prompt => Assert.Null(index.Add(1, Record(prompt))));
        Assert.False(index.Find(Record("hello!"))!.Value.Exact);
    }

    [Fact]
    public void Words_without_spaces_between_them_are_compared_too()
    {
        var index = new PromptIndex();
        index.Add(1, Record("农夫有十七只羊，星期一在市场上又买了五只，到了星期二早上，农夫一共有多少只羊？请写出计算的步骤。"));

        Assert.Equal(1, index.Add(2, Record("农夫有十七只羊，星期一在市场上又买了五只，到了星期二早上，农夫一共有多少只羊？请写出计算步骤。"))?.Line);
        Assert.Null(index.Add(3, Record("今天天气很好，我们去公园散步，然后在湖边的小店里喝了一杯茶，晚上回家做饭。")));
    }

    [Fact]
    public void Near_duplicates_are_found_among_thousands_and_hardly_anything_else()
    {
        var random = new Random(4);
        string[] words = [.. Enumerable.Range(0, 400).Select(i => $"w{(char)('a' + i % 26)}{(char)('a' + i / 26)}")];
        List<string[]> prompts = [.. Enumerable.Range(0, 3000).Select(_ => Enumerable.Range(0, 40).Select(_ => words[random.Next(words.Length)]).ToArray())];
        var index = new PromptIndex();
        Assert.Equal(0, prompts.Index().Count(prompt => index.Add(prompt.Index + 1, Record(string.Join(' ', prompt.Item))) is not null));

        // One of 40 words changed: 37 of 41 pairs in common.
        var found = prompts.Index().Count(prompt => index.Find(Record(string.Join(' ', prompt.Item.Select((word, i) => i == 20 ? "other" : word))))?.Line == prompt.Index + 1);

        Assert.InRange(found, 2900, 3000);
    }

    [Fact]
    public void Sixty_four_bit_hashes_are_found_again_after_the_table_has_grown()
    {
        var table = new HashLines();
        for (var i = 1; i <= 100_000; i++)
        {
            Assert.True(table.TryAdd((ulong)i * 0x9E3779B97F4A7C15UL, i, out _));
        }

        Assert.All(Enumerable.Range(1, 100_000), i => Assert.Equal(i, table.LineOf((ulong)i * 0x9E3779B97F4A7C15UL)));
        Assert.False(table.TryAdd(unchecked(7 * 0x9E3779B97F4A7C15UL), 9, out var first));
        Assert.Equal(7, first);
        Assert.Null(table.LineOf(5));
    }

    private static TrainingRecord Record(string prompt, string reference = "22") => new("r", [new ChatMessage("user", prompt)], reference, []);
}
