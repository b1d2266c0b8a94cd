using System.Text.Json;

using RftConsole.Tests.Browser;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>The console's process is killed with SIGKILL while a job runs and started again: files, and the rows that its pages show, are those of an uninterrupted run.</summary>
public sealed class ConsoleKillTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>
{
    /// <summary>Then a run may end, so that there is something to compare.</summary>
    private const int MostKillsOfARun = 12;

    [Fact]
    public async Task A_console_that_is_killed_at_any_instant_ends_its_job_as_if_it_had_not_been()
    {
        int wanted = Campaign.Kills(3);
        int kills = 0;
        int runs = 0;
        int attempts = 0;
        while (kills < wanted)
        {
            using TemporaryFolder root = new();
            string id = await QueueAsync(root, SmallJob.Specification with { CustomModelName = "small-tuned" });
            string folder = Path.Combine(root.Path, "data", "jobs", id);
            runs++;
            for (int ofThisRun = 0; ;)
            {
                await using ConsoleProcess console = await ConsoleProcess.StartAsync(Path.Combine(root.Path, "data"), ("DOTNET_PROCESSOR_COUNT", "2"));
                Task ended = console.SeesAsync(line => line.Contains(id, StringComparison.Ordinal) && line.Contains("ended as", StringComparison.Ordinal), JobProcess.Patience);
                if (kills < wanted && ofThisRun < MostKillsOfARun && await ReachesAnInstantAsync(attempts++, root, folder, ended))
                {
                    await console.KillAsync();
                    kills++;
                    ofThisRun++;
                    continue;
                }

                await ended;
                Assert.Contains("ended as Completed", console.Output, StringComparison.Ordinal);
                Assert.Equal(0, await console.StopAsync());
                break;
            }

            SmallJob.AssertSame(reference.Folder, folder);
            await ExpectRowsEqualFilesAsync(root, id, folder);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills of the console in {runs} runs, 0 differences");
        Assert.Equal(wanted, kills);
    }

    /// <summary>In turn: at a write of an artefact, in the middle of a checkpoint, at a change of the database. False where the job ends before.</summary>
    private static Task<bool> ReachesAnInstantAsync(int attempt, TemporaryFolder root, string folder, Task ended)
    {
        var (place, part) = (attempt % 3) switch
        {
            0 => (folder, ".jsonl"),
            1 => (Path.Combine(folder, "checkpoints"), ".staged-"),
            _ => (Path.Combine(root.Path, "data"), "console.db"),
        };
        return FileChanges.SeesAsync(place, part, Campaign.Draw(attempt).Next(1, 13), ended);
    }

    /// <summary>Stores the job with an engine that never makes a step: the real console finds it in its queue.</summary>
    internal static async Task<string> QueueAsync(TemporaryFolder root, JobSpecification job)
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(root, new() { BeforeStep = (_, _) => new TaskCompletionSource().Task });
        return await console.Jobs.CreateAsync(job);
    }

    private async Task ExpectRowsEqualFilesAsync(TemporaryFolder root, string id, string folder)
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(root, new());
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
