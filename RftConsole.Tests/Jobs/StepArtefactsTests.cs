using System.Text.Json;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs;

/// <summary>The files that grow by step are cut back to what a checkpoint knew of them.</summary>
public sealed class StepArtefactsTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TemporaryFolder _temporary = new();

    private JobFolder Folder => new(_temporary.Path);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void What_stands_behind_a_checkpoint_goes_and_comes_again_the_same()
    {
        var artefacts = new StepArtefacts(Folder);
        artefacts.Begin(new Dictionary<string, long>());
        Step(artefacts, 1);
        var lengths = artefacts.Flush();
        Step(artefacts, 2);
        string[] whole = Contents();

        artefacts.Begin(lengths);
        Assert.Equal(whole.Select((x, i) => x[..(int)lengths.Values.ElementAt(i)]), Contents());
        Step(artefacts, 2);
        Assert.Equal(whole, Contents());
    }

    [Fact]
    public void Without_a_checkpoint_all_files_begin_empty_with_their_headers()
    {
        var artefacts = new StepArtefacts(Folder);
        artefacts.Begin(new Dictionary<string, long>());
        Step(artefacts, 1);
        artefacts.Begin(new Dictionary<string, long>());

        Assert.Equal(0, new FileInfo(Folder.Metrics).Length + new FileInfo(Folder.Rollouts).Length);
        Assert.StartsWith("step,reward,", Assert.Single(File.ReadAllLines(Folder.TrainingCsv)), StringComparison.Ordinal);
        Assert.Equal("step,eval/reward,eval/accuracy,eval/completions/mean_length", Assert.Single(File.ReadAllLines(Folder.ValidationCsv)));
    }

    [Fact]
    public void A_file_that_somebody_shortened_is_not_filled_up_with_zeros()
    {
        var artefacts = new StepArtefacts(Folder);
        artefacts.Begin(new Dictionary<string, long> { ["metrics.jsonl"] = 1000 });

        Assert.Equal(0, new FileInfo(Folder.Metrics).Length);
    }

    [Fact]
    public void Lines_are_objects_and_rows_have_the_headers_columns()
    {
        var artefacts = new StepArtefacts(Folder);
        artefacts.Begin(new Dictionary<string, long>());
        artefacts.Append(0, new Dictionary<string, double> { [MetricNames.ValidationReward] = 0.25, [MetricNames.ValidationAccuracy] = 0.5, [MetricNames.ValidationMeanLength] = 8 }, Time);
        Step(artefacts, 1);
        var metrics = File.ReadAllLines(Folder.Metrics).Select(x => JsonElement.Parse(x)).ToArray();

        Assert.Equal([0, 1], metrics.Select(x => x.GetProperty("step").GetInt32()));
        Assert.Equal(1 / 3.0, metrics[1].GetProperty("reward").GetDouble());
        Assert.Equal(Time, metrics[1].GetProperty("timestamp").GetDateTimeOffset());
        Assert.Equal(["0,0.25,0.5,8"], File.ReadAllLines(Folder.ValidationCsv)[1..]);
        Assert.StartsWith("1,0.3333333333333333,,", Assert.Single(File.ReadAllLines(Folder.TrainingCsv)[1..]), StringComparison.Ordinal);
        var rollout = JsonElement.Parse(Assert.Single(File.ReadAllLines(Folder.Rollouts)));
        Assert.Equal((1, "two\nlines", 0.5), (rollout.GetProperty("step").GetInt32(), rollout.GetProperty("completion").GetString(), rollout.GetProperty("reward").GetDouble()));
    }

    private static void Step(StepArtefacts artefacts, int step)
    {
        artefacts.Append([new Rollout(step, 0, 0, "r", "?", "two\nlines", 3, "stop", 0.5, -1, null, [], null, "")]);
        artefacts.Append(step, new Dictionary<string, double> { [MetricNames.Reward] = 1 / 3.0, [MetricNames.Loss] = step }, Time);
    }

    private string[] Contents() => [.. new[] { Folder.Metrics, Folder.Rollouts, Folder.TrainingCsv, Folder.ValidationCsv }.OrderBy(x => Path.GetFileName(x), StringComparer.Ordinal).Select(File.ReadAllText)];
}
