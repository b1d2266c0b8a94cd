using RftConsole.Tests.Browser;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>The console's process is asked to end, as by Ctrl+C or a service manager, while a job runs whose next checkpoint is far away.</summary>
public sealed class ConsoleStopTests
{
    private static readonly JobSpecification s_job = SmallJob.Specification with
    {
        CustomModelName = "small-tuned",
        Hyperparameters = SmallJob.Specification.Hyperparameters with { MaxSteps = 40, EvalInterval = 40, CheckpointInterval = 40 },
    };

    [Fact]
    public async Task A_console_that_is_asked_to_end_writes_a_checkpoint_of_the_jobs_last_step_first_and_says_so()
    {
        using TemporaryFolder root = new();
        string id = await ConsoleKillTests.QueueAsync(root, s_job);
        JobFolder folder = new(Path.Combine(root.Path, "data", "jobs", id));
        await using (ConsoleProcess first = await StartAsync(root))
        {
            // The base model's line, and some steps.
            Assert.True(await FileChanges.SeesAsync(folder.Path, Path.GetFileName(folder.Metrics), 4, first.Ended));
            Assert.Equal(0, await first.StopAsync());
            Assert.Contains("Stopping: ", first.Output, StringComparison.Ordinal);
            Assert.Contains($"Job {id} rests", first.Output, StringComparison.Ordinal);
        }

        int steps = File.ReadLines(folder.Metrics).Count() - 1;
        Assert.InRange(steps, 1, 39);
        Assert.Equal([$"step-{steps}"], Directory.GetDirectories(folder.Checkpoints).Select(Path.GetFileName));
        await using (ConsoleProcess second = await StartAsync(root))
        {
            Assert.True(await second.SeesAsync(line => line.Contains(id, StringComparison.Ordinal) && line.Contains("ended as Completed", StringComparison.Ordinal), JobProcess.Patience));
            Assert.Equal(0, await second.StopAsync());
        }

        await using ConsoleHarness console = await ConsoleHarness.StartAsync(root, new());
        JobDetails job = await console.JobAsync(id);
        Assert.Equal((JobStatus.Completed, 40), (job.Summary.Status, job.Summary.StepsDone));
        Assert.Contains(job.Log.Select(line => line.Message), message => message.StartsWith($"Interrupted after step {steps} of 40", StringComparison.Ordinal));
        using TemporaryFolder uninterrupted = new();
        await SmallJob.RunAsync(uninterrupted.Path, job: s_job);
        SmallJob.AssertSame(uninterrupted.Path, folder.Path);
    }

    private static Task<ConsoleProcess> StartAsync(TemporaryFolder root) => ConsoleProcess.StartAsync(Path.Combine(root.Path, "data"), ("DOTNET_PROCESSOR_COUNT", "2"));
}
