using Microsoft.EntityFrameworkCore;

using RftConsole.Tests.Browser;
using RftConsole.Tests.Repository;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>The disk of the console's data folder fills while a job runs: the console lives, says why the job paused, and nothing is lost.</summary>
public sealed class FullDiskConsoleTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>, IDisposable
{
    private readonly TemporaryFolder _before = new();
    private readonly TemporaryFolder _after = new();

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    // Room for some rows and no checkpoint, for one checkpoint and not two, and for hardly anything.
    [Theory]
    [InlineData(1000)]
    [InlineData(3000)]
    [InlineData(60)]
    public async Task A_full_disk_ends_no_console_and_no_job(int freeKilobytes)
    {
        string id = await QueueAsync();
        string data = Path.Combine(_after.Path, "data");
        var (exitCode, lines) = await MountNamespace.RunAsync(
            """
            mkdir -p "$DISK"
            mount -t tmpfs -o size=64m none "$DISK" || exit 9
            cp -r "$DATA" "$DISK/data"
            head -c $(( ($(df --output=avail "$DISK" | tail -1) - FREE) * 1024 )) /dev/zero > "$DISK/ballast"
            exec 3< <(exec dotnet "$CONSOLE" --port "$PORT" --data "$DISK/data" 2>&1)
            console=$!
            while read -r line <&3; do
              echo "$line"
              case "$line" in *"ended as"*) break ;; *"could not be stored"*) rm -f "$DISK/ballast" ;; esac
            done
            rm -f "$DISK/ballast"
            kill "$console" && cat <&3
            cp -r "$DISK/data" "$OUTPUT"
            """,
            ("DISK", Path.Combine(_before.Path, "disk")),
            ("DATA", Path.Combine(_before.Path, "data")),
            ("FREE", $"{freeKilobytes}"),
            ("CONSOLE", Path.Combine(RepositoryFolder.ConsoleOutput, "RftConsole.Web.dll")),
            ("PORT", $"{ConsoleProcess.FreePort()}"),
            ("Logging__LogLevel__Default", "Information"),
            ("OUTPUT", data));
        Assert.True(exitCode == 0, string.Join('\n', lines));

        await ResumeWherePausedAsync(id, lines);
        await using ConsoleProcess console = await ConsoleProcess.StartAsync(data, ("DOTNET_PROCESSOR_COUNT", "2"));
        if (!lines.Any(line => line.Contains("ended as Completed", StringComparison.Ordinal)))
        {
            Assert.True(await console.SeesAsync(line => line.Contains("ended as Completed", StringComparison.Ordinal), JobProcess.Patience), console.Output);
        }

        SmallJob.AssertSame(reference.Folder, Path.Combine(data, "jobs", id));
    }

    private async Task<string> QueueAsync()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_before, new() { BeforeStep = (_, _) => new TaskCompletionSource().Task });

        // A console that has run before has all its tables.
        DbContextOptionsBuilder<SecurityDbContext> options = new();
        SecurityDbContext.Configure(options, Path.Combine(_before.Path, "data", "console.db"));
        await using SecurityDbContext security = new(options.Options);
        await security.Database.MigrateAsync(TestContext.Current.CancellationToken);
        return await console.Jobs.CreateAsync(SmallJob.Specification with { CustomModelName = "small-tuned" });
    }

    private async Task ResumeWherePausedAsync(string id, string[] lines)
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_after, new() { BeforeStep = (_, _) => new TaskCompletionSource().Task });
        JobSummary job = (await console.JobAsync(id)).Summary;
        if (job.Status == JobStatus.Completed)
        {
            // The disk was full before the job had begun, and the queue waited.
            Assert.Contains(lines, line => line.Contains("could not be stored", StringComparison.Ordinal));
            return;
        }

        Assert.True(job.Status == JobStatus.Paused, $"{job.Status}:\n{string.Join('\n', lines)}");
        Assert.True(job.Message!.Contains("No space left", StringComparison.Ordinal) || job.Message.Contains("disk is full", StringComparison.Ordinal), job.Message);
        Assert.Contains("resume the job", job.Message, StringComparison.Ordinal);
        await console.Jobs.ResumeAsync(id);
        await console.WaitForAsync(id, JobStatus.InProgress);
    }
}
