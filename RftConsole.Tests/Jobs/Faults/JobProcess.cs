using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;

using RftConsole.Training.Jobs;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>The command <c>train</c> as a process of its own, observed from outside: its log, its files, the processes below it.</summary>
internal sealed class JobProcess : IAsyncDisposable
{
    /// <summary>Longer than anything that these tests wait for, even on a slow machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _log = [];
    private readonly Task<string> _output;

    private JobProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        LogEnds = ReadAsync();
    }

    public int Id => _process.Id;

    /// <summary>The log so far.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Done once the process has closed its log, as it does when it ends.</summary>
    public Task LogEnds { get; }

    /// <summary>Lines that nobody has taken yet.</summary>
    public ChannelReader<string> Lines => _lines.Reader;

    /// <summary>Starts a job in a folder; its file stands beside the folder.</summary>
    /// <param name="output">The folder.</param>
    /// <param name="job">The job; null for the small one.</param>
    /// <param name="keyFile">The key of an encrypted job.</param>
    public static JobProcess Start(string output, JobSpecification? job = null, string? keyFile = null)
    {
        string file = output + ".json";
        File.WriteAllText(file, JobSpecificationFile.Serialize(job ?? SmallJob.Specification));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RftConsole.Training.dll"), "train", "--job", file, "--output", output, "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        start.Environment[KeyStore.KeyFileVariable] = keyFile ?? "";

        // As many as the tests' own compute thread has: the number belongs to a job's identity.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "2";
        return new(Process.Start(start)!);
    }

    /// <summary>Waits for a line of the log, from those that nobody has taken yet.</summary>
    /// <returns>False where the process ended before.</returns>
    public async Task<bool> SeesAsync(Predicate<string> line)
    {
        using var deadline = new CancellationTokenSource(Patience);
        await foreach (string text in Lines.ReadAllAsync(deadline.Token))
        {
            if (line(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Waits for the process to end.</summary>
    public async Task<(int ExitCode, string Output)> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        await LogEnds.WaitAsync(Patience);
        return (_process.ExitCode, await _output);
    }

    /// <summary>SIGKILL: to this process alone, as the kernel does it. False where it had ended already.</summary>
    public async Task<bool> KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        return (await EndAsync()).ExitCode == 128 + 9;
    }

    /// <summary>Sends a signal, such as 15 for SIGTERM.</summary>
    public void Signal(int signal) => Send(_process.Id, signal);

    /// <summary>Sends a signal to any process.</summary>
    public static void Send(int process, int signal)
    {
        if (SendSignal(process, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The processes of the reward sandbox, the outermost first; the last one runs the user's function while a call is under way.</summary>
    public IReadOnlyList<int> Sandbox()
    {
        var found = new List<int>();
        for (int? process = Child(_process.Id); process is { } id; process = Child(id))
        {
            found.Add(id);
        }

        return found;
    }

    /// <summary>
    /// Looks at the processes below this one until a call of the reward function is under way: the warm worker has a child of its own then.
    /// False where the process ended before.
    /// </summary>
    public async Task<bool> IsInRewardCallAsync()
    {
        while (!_process.HasExited)
        {
            var chain = Sandbox();
            if (chain.Count > 1 && IsPython(chain[^1]) && IsPython(chain[^2]))
            {
                return true;
            }

            await Task.Yield();
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int processId, int signal);

    private static int? Child(int process)
    {
        try
        {
            foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
            {
                string children = File.ReadAllText(Path.Combine(thread, "children"));
                if (children.Length > 0)
                {
                    return int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
                }
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }

        return null;
    }

    private static bool IsPython(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").StartsWith("python", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.Add(line);
            }

            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}
