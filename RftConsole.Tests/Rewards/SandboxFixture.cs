using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>
/// One warm sandbox for all attacks of a class: each test sends its attack as a piece of Python in the sample's metadata.
/// That the same worker still grades afterwards is a part of each test.
/// </summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private const string Source = """
        import ctypes, errno, gc, json, os, resource, select, signal, socket, struct, subprocess, sys, threading, time
        libc = ctypes.CDLL(None, use_errno=True)
        STATE = []

        def refused(action):
            try:
                done = action()
            except OSError as error:
                return errno.errorcode[error.errno]
            return "done: %r" % (done,)

        def syscall(*arguments):
            if libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]) < 0:
                raise OSError(ctypes.get_errno(), "refused")
            return "done"

        def lambda_handler(event, context):
            names = {"score": 1.0, "extra": [], "event": event, "context": context, "answer": None}
            exec(event[0]["metadata"]["attack"], {**globals(), **names, "names": names})
            if names["answer"] is not None:
                return names["answer"]
            return [{"id": s["id"], "aggregate_reward_score": names["score"]} for s in event] + names["extra"]
        """;

    private PythonRewardFunction? _function;

    /// <summary>The sandbox that runs now.</summary>
    internal int? ProcessId => _function?.SandboxProcessId;

    public async ValueTask InitializeAsync()
    {
        RewardOptions options = new()
        {
            SampleTimeout = TimeSpan.FromSeconds(4),
            BatchTimeout = TimeSpan.FromSeconds(8),
            MemoryLimit = 256 << 20,
            FileLimit = 4 << 20,
            Retries = 0,
        };
        _function = await PythonRewardFunction.StartAsync("attacks.py", Source, options, TestContext.Current.CancellationToken);
    }

    /// <summary>Runs the attack as one call. With no retries allowed, a broken worker is an exception here.</summary>
    public async Task<RewardResult> AttackAsync(string code, JsonNode? reference = null) =>
        Assert.Single(await _function!.ScoreAsync([Grading.Sample("id:0", "", reference, new() { ["attack"] = code })], TestContext.Current.CancellationToken));

    /// <summary>Runs the attack, then shows that the same worker still grades, with a fresh process.</summary>
    public async Task<RewardResult> SurviveAsync(string code)
    {
        int? before = ProcessId;
        RewardResult result = await AttackAsync(code);
        RewardResult after = await AttackAsync("assert not STATE\nassert threading.active_count() == 1\nprint('alive')");
        Assert.Null(after.Error);
        Assert.Equal((1.0, "alive\n"), (after.Score, after.Output));
        if (before is { } sandbox)
        {
            Assert.Equal(sandbox, ProcessId);
            Assert.Single(Descendants(sandbox));
        }

        return result;
    }

    /// <summary>Runs an attack that must find nothing: what it prints is compared.</summary>
    public async Task PrintsAsync(string expected, string code)
    {
        RewardResult result = await SurviveAsync(code);
        Assert.Null(result.Error);
        Assert.Equal(expected, result.Output.TrimEnd());
    }

    /// <summary>The host's view of what runs in a sandbox: between two calls, only the worker.</summary>
    internal static IReadOnlyList<int> Descendants(int process)
    {
        List<(int Id, int Parent)> all = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int id) && ReadStat(folder) is { } stat)
            {
                all.Add((id, int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        List<int> found = [];
        Queue<int> open = new([process]);
        while (open.TryDequeue(out int parent))
        {
            foreach ((int id, _) in all.Where(entry => entry.Parent == parent))
            {
                found.Add(id);
                open.Enqueue(id);
            }
        }

        return found;
    }

    internal static string? ReadStat(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "stat"));
        }
        catch (IOException)
        {
            // The process ended since its folder was listed.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_function is not null)
        {
            await _function.DisposeAsync();
        }
    }
}
