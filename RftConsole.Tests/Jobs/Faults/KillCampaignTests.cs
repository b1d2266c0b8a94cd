using System.Security.Cryptography;
using System.Text.Json;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>
/// <c>train</c> is killed with SIGKILL at seeded instants and started again until it is done; what it leaves is compared with what an uninterrupted run leaves.
/// The environment variable RFTCONSOLE_FAULT_KILLS sets the number of kills, RFTCONSOLE_FAULT_SEED the seed.
/// </summary>
public sealed class KillCampaignTests(UninterruptedRun reference) : IClassFixture<UninterruptedRun>, IDisposable
{
    /// <summary>Then a run may end, so that there is something to compare.</summary>
    private const int MostKillsOfARun = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_job_that_is_killed_at_any_instant_ends_as_one_that_is_not() => KillAsync(SmallJob.Specification, null);

    [Fact]
    public async Task An_encrypted_job_that_is_killed_at_any_instant_holds_what_one_without_encryption_does()
    {
        string keyFile = Path.Combine(_folder.Path, "customer.key");
        await File.WriteAllBytesAsync(keyFile, RandomNumberGenerator.GetBytes(32), TestContext.Current.CancellationToken);
        using IDisposable keys = SealedFolders.Use(new(null, name => name == KeyStore.KeyFileVariable ? keyFile : null), _folder.Path);
        await KillAsync(SmallJob.Specification with { Encryption = new() { Key = "customer" } }, keyFile);
    }

    private async Task KillAsync(JobSpecification job, string? keyFile)
    {
        int wanted = Campaign.Kills(Enum.GetValues<InstantKind>().Length);
        int kills = 0;
        int drawn = 0;
        int runs = 0;
        int inCheckpoint = 0;
        var byKind = new SortedDictionary<InstantKind, int>();
        while (kills < wanted)
        {
            string output = Path.Combine(_folder.Path, FormattableString.Invariant($"run-{++runs}"));
            for (int ofThisRun = 0; ;)
            {
                await using var process = JobProcess.Start(output, job, keyFile);
                if (kills < wanted && ofThisRun < MostKillsOfARun)
                {
                    var instant = Instant.Draw(drawn++);
                    if (await instant.ReachedAsync(process, output) && await process.KillAsync())
                    {
                        kills++;
                        ofThisRun++;
                        inCheckpoint += Directory.Exists(Path.Combine(output, "checkpoints")) && Directory.EnumerateDirectories(Path.Combine(output, "checkpoints"), ".*").Any() ? 1 : 0;
                        byKind[instant.Kind] = byKind.GetValueOrDefault(instant.Kind) + 1;
                        continue;
                    }
                }

                var (exitCode, result) = await process.EndAsync();
                Assert.True(exitCode == 0, $"run {runs}, after {ofThisRun} kills: {string.Join('\n', process.Log.TakeLast(5))}");
                Assert.Equal("Completed", JsonElement.Parse(result).GetProperty("status").GetString());
                Assert.DoesNotContain(process.Log, x => x.Contains("damaged", StringComparison.Ordinal));
                break;
            }

            Assert.Equal(keyFile is not null, SealedFormat.IsSealed(Path.Combine(output, "rollouts.jsonl")));
            SmallJob.AssertSame(reference.Folder, output);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills in {runs} runs, 0 differences; {inCheckpoint} left a checkpoint half written. {string.Join(", ", byKind.Select(x => $"{x.Key} {x.Value}"))}");
        Assert.Equal(wanted, kills);
    }
}
