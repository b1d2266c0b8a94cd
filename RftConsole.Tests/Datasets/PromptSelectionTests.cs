using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Text;
using RftConsole.Tests.Text;

namespace RftConsole.Tests.Datasets;

public sealed class PromptSelectionTests
{
    [Fact]
    public void The_same_prompt_is_never_on_both_sides()
    {
        var records = Enumerable.Range(0, 500).Select(i => Record($"r{i}", $"prompt {i % 120}")).ToList();

        var split = HeldOut.Split(records, 0.1, seed: 7);

        Assert.InRange(split.Validation.Count, 45, 50);
        Assert.Empty(Prompts(split.Training).Intersect(Prompts(split.Validation)));
        Assert.Equal(records.Count, split.Training.Count + split.Validation.Count);
        Assert.Equal(records.Where(split.Validation.Contains), split.Validation);
        Assert.Equal(records.Where(split.Training.Contains), split.Training);
    }

    [Fact]
    public void A_split_is_a_function_of_its_seed()
    {
        var records = Enumerable.Range(0, 200).Select(i => Record($"r{i}", $"prompt {i}")).ToList();

        Assert.Equal(HeldOut.Split(records, 0.1, 1).Validation, HeldOut.Split(records, 0.1, 1).Validation);
        Assert.NotEqual(HeldOut.Split(records, 0.1, 1).Validation, HeldOut.Split(records, 0.1, 2).Validation);
        Assert.Equal(20, HeldOut.Split(records, 0.1, 1).Validation.Count);
    }

    [Theory]
    [InlineData(2, 0.01)]
    [InlineData(2, 0.99)]
    [InlineData(3, 0.5)]
    public void Both_sides_get_something_where_two_prompts_differ(int count, double share)
    {
        var split = HeldOut.Split([.. Enumerable.Range(0, count).Select(i => Record($"r{i}", $"prompt {i}"))], share, 1);

        Assert.NotEmpty(split.Training);
        Assert.NotEmpty(split.Validation);
    }

    [Fact]
    public void Large_groups_of_one_prompt_still_leave_both_sides_something()
    {
        var split = HeldOut.Split([.. Enumerable.Range(0, 100).Select(i => Record($"r{i}", $"prompt {i / 50}"))], 0.1, 1);

        Assert.Equal((50, 50), (split.Training.Count, split.Validation.Count));
    }

    [Fact]
    public void One_prompt_alone_is_all_trained_on() =>
        Assert.Empty(HeldOut.Split([Record("a", "same"), Record("b", "same")], 0.5, 1).Validation);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_share_outside_its_range_is_named(double share) =>
        Assert.Contains("validationData.share", Assert.Throws<UserInputException>(() => HeldOut.Split([], share, 1)).Message);

    [Fact]
    public void Each_epoch_goes_through_all_prompts_in_an_order_of_its_own()
    {
        var epochs = Enumerable.Range(0, 3).Select(epoch => PromptOrder.Epoch(100, seed: 42, epoch)).ToList();

        Assert.All(epochs, order => Assert.Equal(Enumerable.Range(0, 100), order.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
        Assert.Equal(epochs[1], PromptOrder.Epoch(100, 42, 1));
        Assert.NotEqual(epochs[1], PromptOrder.Epoch(100, 43, 1));
        Assert.Empty(PromptOrder.Epoch(0, 42, 0));
    }

    [Fact]
    public void All_orders_of_three_prompts_are_about_equally_likely()
    {
        var counts = Enumerable.Range(0, 6000).GroupBy(seed => string.Join(",", PromptOrder.Epoch(3, (ulong)seed, 0))).Select(group => group.Count()).ToList();

        Assert.Equal(6, counts.Count);
        // Five standard deviations around the mean of 1,000.
        Assert.All(counts, count => Assert.InRange(count, 855, 1145));
    }

    [Fact]
    public void Prompts_are_rendered_tokenised_and_left_out_when_too_long()
    {
        var tokenizer = new SmallTokenizer().Build();
        var template = ChatTemplate.Parse(
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages[0].content }}{% if add_generation_prompt %}>{% endif %}{{ end }}",
            "t", new Dictionary<string, string>());
        TrainingRecord[] records = [Record("a", "abc"), Record("long", "abcdefgh"), Record("system", "x", "system"), Record("b", "xy")];

        var prepared = PromptEncoder.Encode(records, tokenizer, template, maxPromptLength: 5, new JsonObject { ["end"] = "." });

        Assert.Equal(["abc>.", "xy>."], prepared.Prompts.Select(prompt => tokenizer.Decode(prompt.Ids)));
        Assert.Equal([("long", 10), ("system", null)], prepared.Dropped.Select(dropped => (dropped.Record.Id, dropped.Length)));
        Assert.Equal("10 tokens, more than maxPromptLength (5)", prepared.Dropped[0].Reason);
        Assert.Contains("no system", prepared.Dropped[1].Reason);
    }

    [Fact]
    public void A_template_that_writes_the_day_makes_the_same_prompt_every_day()
    {
        var tokenizer = new SmallTokenizer().Build();
        var template = ChatTemplate.Parse("{{ strftime_now('%Y-%m-%d') }}", "t", new Dictionary<string, string>());

        var prepared = PromptEncoder.Encode([Record("a", "abc")], tokenizer, template, maxPromptLength: 50);

        Assert.Equal("2024-07-26", tokenizer.Decode(Assert.Single(prepared.Prompts).Ids));
    }

    private static TrainingRecord Record(string id, string prompt, string role = "user") => new(id, [new ChatMessage(role, prompt)], null, []);

    private static IEnumerable<string> Prompts(IEnumerable<TrainingRecord> records) => records.Select(record => record.Messages[0].Content);
}
