using System.Text.Json;

using RftConsole.Tests.Browser;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>The console's process is killed with SIGKILL while a job runs and started again: files, and the rows that its pages show, are those of an uninterrupted run.</summary>
public sealed class ConsoleKillTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>, IDisposable
{
    private readonly TemporaryFolder _root = new();

    private string Data => Path.Combine(_root.Path, "data");

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_console_that_is_killed_at_any_instant_ends_its_job_as_if_it_had_not_been()
    {
        string id = await QueueAsync();
        string folder = Path.Combine(Data, "jobs", id);
        int wanted = Campaign.Kills(3);
        int kills = 0;
        for (int attempt = 0; ; attempt++)
        {
            await using ConsoleProcess console = await ConsoleProcess.StartAsync(Data, ("DOTNET_PROCESSOR_COUNT", "2"));
            Random random = Campaign.Draw(attempt);
            Task ended = console.SeesAsync(line => line.Contains(id, StringComparison.Ordinal) && line.Contains("ended as", StringComparison.Ordinal), JobProcess.Patience);
            // In turn: at a write of an artefact, in the middle of a checkpoint, at a change of the database.
            var (place, part) = (attempt % 3) switch
            {
                0 => (folder, ".jsonl"),
                1 => (Path.Combine(folder, "checkpoints"), ".staged-"),
                _ => (Data, "console.db"),
            };
            if (kills < wanted && await FileChanges.SeesAsync(place, part, random.Next(1, 25), ended))
            {
                await console.KillAsync();
                kills++;
                continue;
            }

            await ended;
            Assert.Contains("ended as Completed", console.Output, StringComparison.Ordinal);
            Assert.Equal(0, await console.StopAsync());
            break;
        }

        SmallJob.AssertSame(reference.Folder, folder);
        await ExpectRowsEqualFilesAsync(id, folder);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills of the console, 0 differences");
    }

    /// <summary>Stores the job with an engine that never makes a step: the real console finds it in its queue.</summary>
    private async Task<string> QueueAsync()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new() { BeforeStep = (_, _) => new TaskCompletionSource().Task });
        return await console.Jobs.CreateAsync(SmallJob.Specification with { CustomModelName = "small-tuned" });
    }

    private async Task ExpectRowsEqualFilesAsync(string id, string folder)
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        JobDetails job = await console.JobAsync(id);
        Assert.Equal((JobStatus.Completed, 6, 6), (job.Summary.Status, job.Summary.StepsDone, job.Summary.TotalSteps));
        Assert.All(job.Phases.Values, phase => Assert.Equal(PhaseStatus.Completed, phase));

        JsonElement[] lines = [.. File.ReadLines(new JobFolder(folder).Metrics).Select(line => JsonElement.Parse(line))];
        IReadOnlyList<StepMetrics> rows = await console.Jobs.MetricsAsync(id);
        Assert.Equal(lines.Select(line => line.GetProperty("step").GetInt32()), rows.Select(row => row.Step));
        foreach (var (line, row) in lines.Zip(rows))
        {
            Assert.Equal(
                line.EnumerateObject().Where(value => value.Name is not ("step" or "timestamp")).ToDictionary(value => value.Name, value => value.Value.GetDouble()).OrderBy(value => value.Key, StringComparer.Ordinal),
                row.Values.OrderBy(value => value.Key, StringComparer.Ordinal));
        }

        Assert.Equal(lines[0].GetProperty("eval/accuracy").GetDouble(), job.Summary.BaselineAccuracy);
        Assert.Equal(reference.Finished.Final!["eval/accuracy"], job.Summary.BestAccuracy);

        string[] rollouts = File.ReadAllLines(new JobFolder(folder).Rollouts);
        RolloutPage page = await console.Jobs.RolloutsAsync(new(id, Take: 1000));
        Assert.Equal(rollouts.Length, page.Total);
        Assert.Equal(
            rollouts.Select(line => JsonElement.Parse(line)).Select(line => (line.GetProperty("step").GetInt32(), line.GetProperty("completion").GetString(), (double?)line.GetProperty("reward").GetDouble(), line.GetProperty("advantage").GetDouble())),
            page.Rows.OrderBy(row => row.Step).ThenBy(row => row.PromptIndex).ThenBy(row => row.SampleIndex).Select(row => (row.Step, (string?)row.Completion, row.Reward, row.Advantage)));
        Assert.Equal("small-tuned", Assert.Single(await console.Models.ListAsync()).Name);
    }
}
