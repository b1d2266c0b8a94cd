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
        await WriteAsync(store, new() { Step = 9 });
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
        Assert.Single(said);
    }

    [Fact]
    public async Task A_checkpoint_of_another_job_is_refused()
    {
        await WriteAsync(Store("other"), new() { Step = 2 });

        Assert.Contains("choose another output folder", Assert.Throws<UserInputException>(() => Store("me").FindLast(_ => { })).Message, StringComparison.Ordinal);
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
    public async Task A_failure_while_tensors_are_written_leaves_no_checkpoint()
    {
        var store = Store("me");
        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(new() { Step = 2 }, _ => throw new IOException("disk full")));

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

    private CheckpointStore Store(string identity) => new(new JobFolder(_folder.Path), identity);
}
