using System.Text.Json;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Tests.Jobs;

/// <summary>Whole jobs with encryption, without the console.</summary>
public sealed class EncryptedJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Run => Path.Combine(_folder.Path, "run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_encrypted_job_learns_the_same_bits_and_leaves_nothing_to_read()
    {
        string plain = Path.Combine(_folder.Path, "plain");
        await SmallJob.RunAsync(plain);
        KeyStore keys = await KeysAsync();

        JobFinished finished = await RunAsync(keys);

        Assert.Equal(JobOutcome.Completed, finished.Outcome);
        string[] readable = [.. Directory.EnumerateFiles(Run, "*", SearchOption.AllDirectories).Where(file => !SealedFormat.IsSealed(file)).Select(file => Path.GetFileName(file)).Order()];
        Assert.Equal(["encryption.json", "job.lock"], readable);
        using IDisposable registered = SealedFolders.Use(keys, _folder.Path);
        SmallJob.AssertSame(plain, Run);
    }

    [Fact]
    public async Task The_command_refuses_a_key_that_is_nowhere_before_it_writes_anything()
    {
        string job = _folder.Write("job.json", JobSpecificationFile.Serialize(Encrypted));
        var refused = await Cli.Engine.RunAsync("train", "--job", job, "--output", Run);
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal($"there is no encryption key \"k\"; give the console's data folder with --data, or a key file in {KeyStore.KeyFileVariable}", refused.Errors[^1]);
        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public async Task A_locked_key_pauses_a_job_which_goes_on_once_it_is_unlocked()
    {
        const string passphrase = "correct horse battery staple";
        KeyStore keys = new(Path.Combine(_folder.Path, KeyStore.FolderName), _ => null);
        await keys.AddAsync("k", KeyKind.Passphrase, passphrase: passphrase, cancellationToken: Token);
        using CancellationTokenSource pause = new();
        JobFinished first = await RunAsync(keys, e => Pause(e, pause), new() { Pause = pause.Token });
        Assert.Equal(JobOutcome.Paused, first.Outcome);

        JobFinished locked = await RunAsync(new(Path.Combine(_folder.Path, KeyStore.FolderName), _ => null));
        Assert.Equal(JobOutcome.Paused, locked.Outcome);
        Assert.StartsWith("The encryption key \"k\" is locked: unlock it", locked.Message, StringComparison.Ordinal);

        int? resumed = null;
        JobFinished done = await RunAsync(keys, e => resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed);
        Assert.Equal(JobOutcome.Completed, done.Outcome);
        Assert.Equal(2, resumed);
    }

    [Fact]
    public async Task A_changed_checkpoint_is_passed_over_like_any_damaged_one_and_a_changed_log_is_named()
    {
        KeyStore keys = await KeysAsync();
        using CancellationTokenSource pause = new();
        await RunAsync(keys, e => Pause(e, pause, 4), new() { Pause = pause.Token });
        Flip(Path.Combine(Run, "checkpoints", "step-4", "optimizer.safetensors"));
        List<JobEvent> events = [];
        JobFinished again = await RunAsync(keys, events.Add, new() { Pause = pause.Token });
        Assert.Contains(events.OfType<JobWarning>(), warning => warning.Code == "checkpoint-damaged" && warning.Message.Contains("going on from that of step 2", StringComparison.Ordinal));

        Flip(new JobFolder(Run).Rollouts);
        JobFinished broken = await RunAsync(keys);
        Assert.Equal(JobOutcome.Paused, broken.Outcome);
        Assert.Contains("rollouts.jsonl", broken.Message, StringComparison.Ordinal);
        Assert.Contains("it was damaged or changed", broken.Message, StringComparison.Ordinal);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_folder_is_encrypted_from_its_beginning_or_never()
    {
        KeyStore keys = await KeysAsync();
        Directory.CreateDirectory(Run);
        await File.WriteAllTextAsync(Path.Combine(Run, "metrics.jsonl"), "", Token);
        Assert.Contains("holds artefacts that are not encrypted", (await RunAsync(keys)).Message, StringComparison.Ordinal);
        Directory.Delete(Run, recursive: true);
        await SealedFolders.CreateAsync(Run, keys, "k", Token);
        Assert.Contains("is encrypted with the key \"k\"; name it in the job", (await RunAsync(keys, job: SmallJob.Specification)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_go_out_decrypted_to_where_the_job_says()
    {
        KeyStore keys = await KeysAsync();
        string target = Path.Combine(_folder.Path, "out");
        await RunAsync(keys, job: Encrypted with { OutputData = new() { Path = target }, Hyperparameters = Encrypted.Hyperparameters with { MaxSteps = 2 } });
        Assert.Contains("\"loss\"", await File.ReadAllTextAsync(Path.Combine(target, "metrics.jsonl"), Token), StringComparison.Ordinal);
        Assert.Equal("LORA", JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(target, "adapter", "adapter_config.json"), Token)).GetProperty("peft_type").GetString());
    }

    private static JobSpecification Encrypted => SmallJob.Specification with { Encryption = new() { Key = "k" } };

    private static void Pause(JobEvent happened, CancellationTokenSource pause, int step = 2)
    {
        if (happened is StepCompleted completed && completed.Step == step)
        {
            pause.Cancel();
        }
    }

    private static void Flip(string file)
    {
        byte[] content = File.ReadAllBytes(file);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(file, content);
    }

    private async Task<KeyStore> KeysAsync()
    {
        KeyStore keys = new(Path.Combine(_folder.Path, KeyStore.FolderName), _ => null);
        await keys.AddAsync("k", KeyKind.Generated, cancellationToken: Token);
        return keys;
    }

    private Task<JobFinished> RunAsync(KeyStore keys, Action<JobEvent>? onEvent = null, JobSignals? signals = null, JobSpecification? job = null) =>
        new RftJob(job ?? Encrypted, Run, TestEngine.Models, keys: keys).RunAsync(
            e =>
            {
                onEvent?.Invoke(e);
                return ValueTask.CompletedTask;
            },
            signals ?? new());
}
