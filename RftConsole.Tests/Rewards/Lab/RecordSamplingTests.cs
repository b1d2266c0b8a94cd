using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Rewards.Lab;

namespace RftConsole.Tests.Rewards.Lab;

/// <summary>Records are drawn from all of a file.</summary>
public sealed class RecordSamplingTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_same_seed_draws_the_same_records_and_another_one_others()
    {
        string file = _root.Write("data.jsonl", string.Join('\n', Enumerable.Range(1, 500).Select(Line)));

        Assert.Equal(Ids(file, 10, 1), Ids(file, 10, 1));
        Assert.NotEqual(Ids(file, 10, 1), Ids(file, 10, 2));
        Assert.Equal(10, Ids(file, 10, 1).Distinct().Count());
    }

    [Fact]
    public void Records_of_the_end_are_drawn_as_often_as_those_of_the_beginning()
    {
        string file = _root.Write("data.jsonl", string.Join('\n', Enumerable.Range(1, 100).Select(Line)));
        int late = Enumerable.Range(0, 200).Sum(seed => Ids(file, 5, seed).Count(id => int.Parse(id["line-".Length..], System.Globalization.CultureInfo.InvariantCulture) > 50));

        // 1,000 draws of which half are expected; four standard deviations of a fair coin are 63.
        Assert.InRange(late, 437, 563);
    }

    [Fact]
    public void Ids_name_the_line_of_the_file_and_lines_that_are_no_records_are_passed_over()
    {
        string file = _root.Write("data.jsonl", $"no json\n\n{Line(3)}\n{{\"id\":\"own\",{Line(4)[1..]}");

        Assert.Equal(["line-3", "own"], Ids(file, 4, 1));
    }

    [Fact]
    public void A_file_without_a_record_is_refused_with_the_reason()
    {
        string file = _root.Write("data.jsonl", "\nno json\n");

        Assert.Contains("holds no usable record among the lines that were drawn; line 2:", Assert.Throws<UserInputException>(() => Ids(file, 4, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<UserInputException>(() => Ids(Path.Combine(_root.Path, "missing.jsonl"), 4, 1));
    }

    private static string Line(int number) => $$"""{"messages":[{"role":"user","content":"{{number}} + 1?"}],"reference_answer":"{{number + 1}}"}""";

    private static string[] Ids(string file, int count, long seed) => [.. RecordSampling.Draw(file, count, seed, TestContext.Current.CancellationToken).Select(record => record.Id)];
}
