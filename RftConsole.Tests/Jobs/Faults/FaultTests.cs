using System.Text.Json;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>What else happens to a job in the night: in the end it is the job that nothing happened to.</summary>
public sealed class FaultTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>, IDisposable
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "run");

    private string JobFile => _folder.Write("job.json", JobSpecificationFile.Serialize(SmallJob.Specification));

    public void Dispose() => _folder.Dispose();

    // Room for nothing but the first lines, for one checkpoint, and for all of them without the adapter.
    [Theory]
    [InlineData("64k")]
    [InlineData("3m")]
    [InlineData("6300k")]
    public async Task A_full_disk_pauses_the_job_with_its_reason_and_a_resume_loses_nothing(string size)
    {
        var (exitCode, lines) = await MountNamespace.RunAsync(
            """
            mkdir -p "$DISK"
            mount -t tmpfs -o size="$SIZE" none "$DISK" || exit 9
            train "$DISK/run"; echo "first $?"
            ls -A "$DISK/run/checkpoints" | grep staged
            mount -o remount,size=64m "$DISK" || exit 9
            train "$DISK/run"; echo "second $?"
            cp -r "$DISK/run" "$OUTPUT"
            """,
            ("DISK", Path.Combine(_folder.Path, "disk")),
            ("SIZE", size),
            ("JOB", JobFile),
            ("OUTPUT", Output));

        Assert.Equal(0, exitCode);
        int first = Array.IndexOf(lines, "first 1");
        Assert.True(first > 0, string.Join('\n', lines));
        Assert.Contains("No space left on device", lines[first - 1], StringComparison.Ordinal);
        Assert.Contains("resume the job", lines[first - 1], StringComparison.Ordinal);
        Assert.Contains(lines[..first], x => x.StartsWith("{\"status\":\"Paused\"", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, x => x.StartsWith(".staged", StringComparison.Ordinal));
        Assert.Equal("second 0", lines[^1]);
        SmallJob.AssertSame(reference.Folder, Output);
    }

    [Fact]
    public async Task A_folder_that_is_read_only_for_a_while_pauses_the_job_and_a_resume_loses_nothing()
    {
        var (exitCode, lines) = await MountNamespace.RunAsync(
            """
            mkdir -p "$OUTPUT"
            mount --bind "$OUTPUT" "$OUTPUT" || exit 9
            while read -r line; do
              echo "$line"
              # Refused while a file is just being written.
              case "$line" in "step 3/"*) until mount -o remount,bind,ro "$OUTPUT" 2>/dev/null; do :; done ;; esac
            done < <(train "$OUTPUT"; echo "first $?")
            train "$OUTPUT"; echo "meanwhile $?"
            mount -o remount,bind,rw "$OUTPUT" || exit 9
            train "$OUTPUT"; echo "second $?"
            """,
            ("JOB", JobFile),
            ("OUTPUT", Output));

        Assert.Equal(0, exitCode);
        int first = Array.IndexOf(lines, "first 1");
        Assert.True(first > 0, string.Join('\n', lines));
        Assert.Contains("Read-only file system", lines[first - 1], StringComparison.Ordinal);
        Assert.Equal($"{Output}: the folder cannot be written (Read-only file system)", lines[Array.IndexOf(lines, "meanwhile 2") - 1]);
        Assert.Equal("second 0", lines[^1]);
        SmallJob.AssertSame(reference.Folder, Output);
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused_and_a_killed_one_does_not_hold_it()
    {
        await using var first = JobProcess.Start(Output);
        Assert.True(await first.SeesAsync(x => x.StartsWith("step 1/", StringComparison.Ordinal)));
        await using (var second = JobProcess.Start(Output))
        {
            Assert.Equal((2, ""), await second.EndAsync());
            Assert.Equal($"{Output}: another run (process {first.Id}) works in this folder; wait until it has ended, or choose another output folder", second.Log[^1]);
        }

        Assert.True(await first.KillAsync());
        await using var third = JobProcess.Start(Output);
        Assert.Equal(0, (await third.EndAsync()).ExitCode);
        SmallJob.AssertSame(reference.Folder, Output);
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task A_command_that_is_asked_to_end_finishes_its_step_and_writes_a_checkpoint(int signal)
    {
        // So many steps that it cannot have ended before the signal comes; then as many as it made and two more.
        JobSpecification Job(int? steps) => SmallJob.Specification with { Hyperparameters = SmallJob.Specification.Hyperparameters with { EpochCount = 50, MaxSteps = steps, EarlyStopping = false } };
        await using var first = JobProcess.Start(Output, Job(null));
        Assert.True(await first.SeesAsync(x => x.StartsWith("step 2/", StringComparison.Ordinal)));
        first.Signal(signal);
        var (exitCode, output) = await first.EndAsync();

        int steps = JsonElement.Parse(output).GetProperty("steps").GetInt32();
        Assert.Equal((1, "Paused"), (exitCode, JsonElement.Parse(output).GetProperty("status").GetString()));
        Assert.StartsWith($"Paused after step {steps} of ", first.Log[^1], StringComparison.Ordinal);
        Assert.EndsWith("; it goes on from there when it is resumed.", first.Log[^1], StringComparison.Ordinal);
        Assert.Equal(steps, StoredCheckpoints.Steps(new(Output))[0]);

        await using var second = JobProcess.Start(Output, Job(steps + 2));
        (exitCode, output) = await second.EndAsync();
        Assert.Equal((0, steps), (exitCode, JsonElement.Parse(output).GetProperty("resumedFromStep").GetInt32()));
        string uninterrupted = Path.Combine(_folder.Path, "uninterrupted");
        await SmallJob.RunAsync(uninterrupted, job: Job(steps + 2));
        SmallJob.AssertSame(uninterrupted, Output);
    }

    [Fact]
    public async Task A_command_that_is_asked_twice_ends_at_once()
    {
        // A step of so many rollouts that it cannot have ended before the second signal comes.
        var job = SmallJob.Specification with { Hyperparameters = SmallJob.Specification.Hyperparameters with { BatchSize = 512, TrainingSamplePerPrompt = 64 } };
        await using var first = JobProcess.Start(Output, job);
        Assert.True(await first.SeesAsync(x => x == "Training: InProgress"));
        first.Signal(Interrupt);
        Assert.True(await first.SeesAsync(x => x.StartsWith("Finishing the current step", StringComparison.Ordinal)));
        first.Signal(Interrupt);

        Assert.Equal((1, ""), await first.EndAsync());
        Assert.Equal("cancelled", first.Log[^1]);
    }

    // The user's function in the middle of its call, the warm worker, and the sandbox around both.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_sandbox_that_is_killed_in_mid_batch_changes_no_reward(int fromInside)
    {
        await using var process = JobProcess.Start(Output);
        Assert.True(await process.SeesAsync(x => x.StartsWith("step 1/", StringComparison.Ordinal)));
        Assert.True(await process.IsInRewardCallAsync());
        JobProcess.Send(process.Sandbox()[^(1 + fromInside)], Kill);

        Assert.Equal(0, (await process.EndAsync()).ExitCode);
        SmallJob.AssertSame(reference.Folder, Output);
    }

    [Fact]
    public async Task Each_file_of_a_checkpoint_that_is_damaged_makes_the_job_go_on_from_the_one_before_and_end_the_same()
    {
        string interrupted = Path.Combine(_folder.Path, "interrupted");
        await InterruptAsync(interrupted, e => e is CheckpointWritten { Step: 4 });
        string[] files = [.. Directory.GetFiles(Path.Combine(interrupted, JobFolder.CheckpointName(4))).Select(x => Path.GetFileName(x))];
        Assert.Equal(5, files.Length);
        foreach (string file in files)
        {
            foreach (bool truncated in (bool[])[true, false])
            {
                string output = Path.Combine(_folder.Path, $"{file}-{truncated}");
                Copy(interrupted, output);
                Damage(Path.Combine(output, JobFolder.CheckpointName(4), file), truncated);
                var warnings = new List<JobWarning>();
                int? resumed = null;
                await SmallJob.RunAsync(output, e =>
                {
                    warnings.AddRange(e is JobWarning warning ? [warning] : []);
                    resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed;
                });

                Assert.Equal(2, resumed);
                Assert.Contains("The checkpoint of step 4 is damaged", Assert.Single(warnings, x => x.Code == "checkpoint-damaged").Message, StringComparison.Ordinal);
                SmallJob.AssertSame(reference.Folder, output);
            }
        }
    }

    [Fact]
    public async Task A_job_whose_checkpoints_are_all_damaged_begins_anew_says_so_and_ends_the_same()
    {
        await InterruptAsync(Output, e => e is CheckpointWritten { Step: 4 });
        Damage(Path.Combine(Output, JobFolder.CheckpointName(4), "optimizer.safetensors"), truncated: true);
        Damage(Path.Combine(Output, JobFolder.CheckpointName(2), "adapter_model.safetensors"), truncated: false);
        var warnings = new List<string>();
        int? resumed = null;
        await SmallJob.RunAsync(Output, e =>
        {
            warnings.AddRange(e is JobWarning { Code: "checkpoint-damaged" } warning ? [warning.Message] : []);
            resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed;
        });

        Assert.Null(resumed);
        Assert.Equal(2, warnings.Count);
        Assert.All(warnings, x => Assert.EndsWith("the job begins anew.", x, StringComparison.Ordinal));
        SmallJob.AssertSame(reference.Folder, Output);
    }

    [Fact]
    public async Task A_best_checkpoint_that_is_damaged_while_the_job_runs_becomes_no_adapter()
    {
        // After the last step the best one is copied; what is copied is what was written, or nothing.
        var paused = await SmallJob.RunAsync(Output, e =>
        {
            if (e is CheckpointWritten { Step: 6 })
            {
                foreach (int step in StoredCheckpoints.Steps(new(Output)))
                {
                    Damage(Path.Combine(Output, JobFolder.CheckpointName(step), "adapter_model.safetensors"), truncated: false);
                }
            }
        });
        Assert.Equal(JobOutcome.Paused, paused.Outcome);
        Assert.Contains("is damaged (adapter_model.safetensors is not what the manifest says)", paused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Output, "adapter", "adapter_model.safetensors")));

        await SmallJob.RunAsync(Output);
        SmallJob.AssertSame(reference.Folder, Output);
    }

    [Fact]
    public async Task A_torn_last_line_is_cut_off()
    {
        await InterruptAsync(Output, e => e is StepCompleted { Step: 3 });
        File.AppendAllText(new JobFolder(Output).Metrics, "{\"step\":3,\"rew");
        File.AppendAllText(new JobFolder(Output).Rollouts, "{\"step\":3,\"prompt");
        await SmallJob.RunAsync(Output);

        SmallJob.AssertSame(reference.Folder, Output);
    }

    private static async Task InterruptAsync(string folder, Predicate<JobEvent> at)
    {
        using var shutdown = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallJob.RunAsync(
            folder,
            e =>
            {
                if (at(e))
                {
                    shutdown.Cancel();
                }
            },
            new() { Shutdown = shutdown.Token }));
    }

    private static void Damage(string path, bool truncated)
    {
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 4;
        File.WriteAllBytes(path, truncated ? content[..(content.Length / 2)] : content);
    }

    private static void Copy(string source, string target)
    {
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }
}
