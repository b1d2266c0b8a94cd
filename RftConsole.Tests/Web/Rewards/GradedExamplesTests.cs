using System.Text.Json.Nodes;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Text;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Web.Rewards;

/// <summary>Hand-graded examples over the real database.</summary>
public sealed class GradedExamplesTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_record_comes_back_as_it_was_graded_after_a_restart()
    {
        TrainingRecord record = new("r-1", [new ChatMessage("system", "Be brief."), new ChatMessage("user", "2 + 2?")], new JsonObject { ["value"] = "4" }, new JsonObject { ["level"] = "easy" });
        string id;
        await using (ConsoleHarness console = await StartAsync())
        {
            id = await CreateAsync(console);
            await console.Examples.GradeAsync(id, record, "four", 1);
        }

        await using ConsoleHarness again = await StartAsync();
        GradedExample example = Assert.Single(await again.Examples.ListAsync(id));

        Assert.Equal(("r-1", "four", 1.0), (example.Record.Id, example.Response, example.Grade));
        Assert.Equal(record.Messages, example.Record.Messages);
        Assert.Equal("""{"value":"4"}""", example.Record.ReferenceAnswer!.ToJsonString());
        Assert.Equal("""{"level":"easy"}""", example.Record.Metadata.ToJsonString());
    }

    [Fact]
    public async Task Another_grade_of_the_same_response_takes_its_place()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await CreateAsync(console);
        TrainingRecord record = new("r-1", [new ChatMessage("user", "2 + 2?")], null, []);

        await console.Examples.GradeAsync(id, record, "four", 1);
        await console.Examples.GradeAsync(id, record, "four", 0);
        await console.Examples.GradeAsync(id, record, "five", 0);

        Assert.Equal([("four", 0.0), ("five", 0.0)], (await console.Examples.ListAsync(id)).Select(example => (example.Response, example.Grade)).OrderByDescending(example => example.Response));
    }

    [Fact]
    public async Task A_rollout_is_kept_with_the_whole_record_that_it_answered()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await CreateAsync(console);
        JobSpecification specification = ConsoleHarness.Specification(_root, "first");
        _root.Write("train.jsonl", """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2 + 2?"}],"reference_answer":"4","id":"a","level":"easy"}""");
        string job = await console.Jobs.CreateAsync(specification);

        await console.Examples.GradeAsync(id, job, Rollout("a"), 1);
        await console.Examples.GradeAsync(id, job, Rollout("gone"), 0);

        IReadOnlyList<GradedExample> examples = await console.Examples.ListAsync(id);
        Assert.Equal("Be brief.", examples.Single(example => example.Record.Id == "a").Record.Messages[0].Content);
        Assert.Equal("2 + 2?", Assert.Single(examples.Single(example => example.Record.Id == "gone").Record.Messages).Content);
    }

    [Fact]
    public async Task Examples_go_with_their_function_and_one_by_one()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await CreateAsync(console);
        TrainingRecord record = new("r-1", [new ChatMessage("user", "2 + 2?")], null, []);
        await console.Examples.GradeAsync(id, record, "four", 1);
        await console.Examples.GradeAsync(id, record, "five", 0);

        await console.Examples.RemoveAsync((await console.Examples.ListAsync(id))[0].Id);
        Assert.Single(await console.Examples.ListAsync(id));
        await console.Rewards.DeleteAsync(id);

        Assert.Empty(await console.Examples.ListAsync(id));
        Assert.Contains("has been deleted", (await Assert.ThrowsAsync<UserInputException>(() => console.Examples.GradeAsync(id, record, "four", 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public async Task A_grade_outside_0_to_1_is_refused(double grade)
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await CreateAsync(console);

        await Assert.ThrowsAsync<UserInputException>(() => console.Examples.GradeAsync(id, new("r", [new ChatMessage("user", "?")], null, []), "x", grade));
    }

    private Task<ConsoleHarness> StartAsync() => ConsoleHarness.StartAsync(_root, new FakeJobEngine());

    private static async Task<string> CreateAsync(ConsoleHarness console) => await console.Rewards.CreateAsync("exact", new() { File = await console.RewardCode.KeepAsync("# one") }, "");

    private static Rollout Rollout(string record) => new(1, 0, 0, record, "2 + 2?", "4", 3, "stop", 0, 0, "4", [], null, "");
}
