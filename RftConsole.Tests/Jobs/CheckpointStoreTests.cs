using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs;

/// <summary>A checkpoint is found whole or passed over, and never taken for another job's.</summary>
public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Damages => new MatrixTheoryData<string, string>(
        ["adapter_model.safetensors", "optimizer.safetensors", "progress.json", "manifest.json"], ["truncated", "one bit", "missing", "empty"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_newest_checkpoint_comes_back_as_it_was_written()
    {
        var store = Store("me");
        var progress = new JobProgress
        {
            Step = 12, BestStep = 10, EvaluationsWithoutBetter = 1, TokenCount = 123456789012, Baseline = new Dictionary<string, double> { ["eval/reward"] = 1 / 3.0 },
            Best = new Dictionary<string, double> { ["eval/reward"] = 0.7 }, FileLengths = new Dictionary<string, long> { ["metrics.jsonl"] = 99 },
        };
        await WriteAsync(store, new() { Step = 10 });
        Assert.Equal("checkpoints/step-12", await WriteAsync(store, progress));
        var found = store.FindLast(x => Assert.Fail(x))!;

        Assert.Equal(Path.Combine(_folder.Path, "checkpoints", "step-12"), found.Folder);
        Assert.Equal((12, 10, 1, 123456789012), (found.Progress.Step, found.Progress.BestStep, found.Progress.EvaluationsWithoutBetter, found.Progress.TokenCount));
        Assert.Equal(progress.Baseline, found.Progress.Baseline);
        Assert.Equal(progress.Best, found.Progress.Best);
        Assert.Equal(progress.FileLengths, found.Progress.FileLengths);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_file_makes_the_job_go_on_from_the_checkpoint_before_and_say_so(string file, string damage)
    {
        var store = Store("me");
        await WriteAsync(store, new() { Step = 2 });
        await WriteAsync(store, new() { Step = 4 });
        string path = Path.Combine(_folder.Path, "checkpoints", "step-4", file);
        byte[] content = await File.ReadAllBytesAsync(path);
        for (int place = 0; place < (damage == "one bit" ? content.Length : 1); place++)
        {
            Damage(path, content, damage, place);
            var said = new List<string>();

            Assert.Equal(2, store.FindLast(said.Add)!.Progress.Step);
            Assert.Contains("step 4 is damaged", Assert.Single(said), StringComparison.Ordinal);
            Assert.EndsWith("going on from that of step 2.", said[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_all_are_damaged_the_job_begins_anew()
    {
        var store = Store("me");
        await WriteAsync(store, new() { Step = 2 });
        File.Delete(Path.Combine(_folder.Path, "checkpoints", "step-2", "progress.json"));
        var said = new List<string>();

        Assert.Null(store.FindLast(said.Add));
        Assert.EndsWith("so the job begins anew.", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_another_job_is_refused_and_what_differs_is_named()
    {
        await WriteAsync(Store("other"), new() { Step = 2 });

        Assert.Contains("another base model; choose another output folder", Assert.Throws<UserInputException>(() => Store("me").FindLast(_ => { })).Message, StringComparison.Ordinal);
        Assert.Equal(2, Store("other").FindLast(x => Assert.Fail(x))!.Progress.Step);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_best_checkpoint_that_is_damaged_takes_those_with_it_that_name_it(string file, string damage)
    {
        var store = Store("me");
        await WriteAsync(store, new() { Step = 2, BestStep = 2 });
        await WriteAsync(store, new() { Step = 4, BestStep = 4 });
        await WriteAsync(store, new() { Step = 6, BestStep = 4 });
        string path = Path.Combine(_folder.Path, "checkpoints", "step-4", file);
        Damage(path, await File.ReadAllBytesAsync(path), damage, 0);
        var said = new List<string>();

        // Its adapter would be the job's: it has to come again.
        Assert.Equal(2, store.FindLast(said.Add)!.Progress.Step);
        Assert.Contains("the best one so far, of step 4, is damaged", said[0], StringComparison.Ordinal);
        Assert.Equal(2, said.Count);
    }

    [Fact]
    public async Task Only_the_newest_checkpoints_and_the_best_of_each_are_kept()
    {
        var store = Store("me", keep: 2);
        foreach (var (step, best) in new[] { (1, 1), (2, 1), (3, 3), (4, 3), (5, 3), (6, 6), (7, 6) })
        {
            await WriteAsync(store, new() { Step = step, BestStep = best });
            Assert.NotNull(store.FindLast(x => Assert.Fail(x)));
        }

        Assert.Equal([7, 6], Steps());
        await WriteAsync(store, new() { Step = 8, BestStep = 6 });
        await WriteAsync(store, new() { Step = 9, BestStep = 9 });
        Assert.Equal([9, 8, 6], Steps());
        StoredCheckpoints.Prune(new(_folder.Path), 1);
        Assert.Equal([9], Steps());
        Assert.Equal(9, store.FindLast(x => Assert.Fail(x))!.Progress.Step);
    }

    [Fact]
    public async Task A_checkpoint_that_was_passed_over_is_not_counted_among_the_newest()
    {
        var store = Store("me", keep: 1);
        await WriteAsync(store, new() { Step = 9 });
        await WriteAsync(store, new() { Step = 2 });
        await WriteAsync(store, new() { Step = 3 });

        Assert.Equal([9, 3], Steps());
    }

    [Fact]
    public async Task What_a_kill_left_behind_is_ignored_and_written_over()
    {
        var store = Store("me");
        await WriteAsync(store, new() { Step = 2 });
        string staged = Path.Combine(_folder.Path, "checkpoints", ".staged-4");
        Directory.CreateDirectory(staged);
        await File.WriteAllTextAsync(Path.Combine(staged, "half.safetensors"), "half");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "checkpoints", "step-by-step"));

        Assert.Equal(2, store.FindLast(x => Assert.Fail(x))!.Progress.Step);
        await WriteAsync(store, new() { Step = 4 });
        Assert.Equal(4, store.FindLast(x => Assert.Fail(x))!.Progress.Step);
        Assert.False(Directory.Exists(staged));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "checkpoints", "step-4", "half.safetensors")));
    }

    [Fact]
    public async Task A_step_that_comes_again_replaces_its_checkpoint()
    {
        var store = Store("me");
        await WriteAsync(store, new() { Step = 2, TokenCount = 1 });
        await WriteAsync(store, new() { Step = 2, TokenCount = 7 });

        Assert.Equal(7, store.FindLast(x => Assert.Fail(x))!.Progress.TokenCount);
    }

    [Fact]
    public async Task A_failure_while_tensors_are_written_leaves_no_checkpoint_and_takes_no_room()
    {
        var store = Store("me");
        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(
            new() { Step = 2 },
            async folder =>
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "adapter_model.safetensors"), "ada");
                throw new IOException("disk full");
            }));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "checkpoints")));
        Assert.Null(store.FindLast(x => Assert.Fail(x)));
    }

    private static void Damage(string path, byte[] content, string damage, int place)
    {
        switch (damage)
        {
            case "missing":
                File.Delete(path);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "truncated":
                File.WriteAllBytes(path, content[..(content.Length / 2)]);
                break;
            default:
                byte[] changed = [.. content];
                changed[place] ^= 4;
                File.WriteAllBytes(path, changed);
                break;
        }
    }

    private static Task<string> WriteAsync(CheckpointStore store, JobProgress progress) => store.WriteAsync(progress, async folder =>
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "adapter_model.safetensors"), "adapter");
        await File.WriteAllTextAsync(Path.Combine(folder, "optimizer.safetensors"), "moments");
    });

    private IReadOnlyList<int> Steps() => StoredCheckpoints.Steps(new(_folder.Path));

    private CheckpointStore Store(string identity, int keep = 3) => new(new JobFolder(_folder.Path), new(new Dictionary<string, string> { ["base model"] = identity, ["hyperparameters.seed"] = "7" }), keep);
}
