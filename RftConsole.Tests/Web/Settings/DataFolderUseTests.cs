using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Settings;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Settings;

/// <summary>What takes up the disk of a real data folder, and what is deleted of it.</summary>
public sealed class DataFolderUseTests : IAsyncLifetime
{
    private static readonly DateTime s_old = DateTime.UtcNow.AddDays(-1);

    private readonly TemporaryFolder _root = new();
    private readonly FakeJobEngine _engine = new();
    private ConsoleHarness _console = null!;

    private IDataFolderUse Use => _console.Services.GetRequiredService<IDataFolderUse>();

    private string Root => _console.Services.GetRequiredService<DataFolder>().Root;

    public async ValueTask InitializeAsync() => _console = await ConsoleHarness.StartAsync(_root, _engine);

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task Every_byte_belongs_to_a_kind_and_jobs_are_counted()
    {
        await _console.WaitForAsync(await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith")), JobStatus.Completed);
        Write("models/extra/weights", 1000);
        Write("unknown/file", 500);

        DataFolderReport report = await Use.ViewAsync();

        Assert.Equal(1, report.Parts.Single(part => part.Part == FolderPart.Jobs).Count);
        Assert.True(report.Parts.Single(part => part.Part == FolderPart.Database).Bytes > 0);
        Assert.True(report.Parts.Single(part => part.Part == FolderPart.Other).Bytes >= 500);
        Assert.True(report.Parts.Single(part => part.Part == FolderPart.Models).Bytes >= 1000);
        Assert.True(report.FreeBytes > 0);
        Assert.Equal(report.Parts.OrderByDescending(part => part.Bytes), report.Parts);
    }

    [Fact]
    public async Task Leftovers_are_old_folders_without_an_owner_and_old_copies_of_the_database_and_nothing_else()
    {
        string job = await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await _console.WaitForAsync(job, JobStatus.Completed);
        string gone = Write("jobs/gone/rollouts.jsonl", 2000), young = Write("jobs/young/rollouts.jsonl", 2000), copy = Write("console.db.before-20260101000000_Initial", 3000), kept = Path.Combine(Root, "jobs", job);
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(gone)!, s_old);
        Directory.SetLastWriteTimeUtc(kept, s_old);
        Assert.Equal(5000, (await Use.ViewAsync()).LeftoverBytes);

        long freed = await Use.DeleteLeftoversAsync();

        Assert.Equal(5000, freed);
        Assert.False(File.Exists(gone) || File.Exists(copy));
        Assert.True(File.Exists(young) && Directory.Exists(kept) && File.Exists(Path.Combine(Root, "console.db")));
        Assert.Equal(0, (await Use.ViewAsync()).LeftoverBytes);
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_neither_measured_nor_followed()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_root.Path, "outside")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(outside, "large"), new byte[100_000], TestContext.Current.CancellationToken);
        Directory.CreateSymbolicLink(Path.Combine(Root, "models", "link"), outside);

        Assert.True((await Use.ViewAsync()).Parts.Single(part => part.Part == FolderPart.Models).Bytes < 100_000);
        await Use.DeleteLeftoversAsync();

        Assert.True(File.Exists(Path.Combine(outside, "large")));
    }

    [Fact]
    public async Task The_database_is_compacted_when_no_job_runs_and_its_jobs_are_there_afterwards()
    {
        TaskCompletionSource hold = new();
        _engine.BeforeStep = (_, _) => hold.Task;
        string job = await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await _console.WaitForAsync(job, JobStatus.InProgress);
        await Assert.ThrowsAsync<UserInputException>(() => Use.CompactAsync());
        hold.SetResult();
        await _console.WaitForAsync(job, JobStatus.Completed);

        Assert.True(await Use.CompactAsync() >= 0);

        Assert.Equal("arith", (await _console.JobAsync(job)).Summary.Name);
    }

    private string Write(string relative, int bytes)
    {
        string path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[bytes]);
        return path;
    }
}
