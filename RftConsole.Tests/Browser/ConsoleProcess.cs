using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

using RftConsole.Tests.Repository;

namespace RftConsole.Tests.Browser;

/// <summary>The console as <c>./run</c> starts it: a process of its own, on a free port, with a data folder of its own.</summary>
internal sealed class ConsoleProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;

    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private (Predicate<string> Line, TaskCompletionSource Seen)? _awaited;

    private ConsoleProcess(string dataFolder, int port, bool isPublic, string[] options)
    {
        DataFolder = dataFolder;
        Address = $"{(isPublic ? "https" : "http")}://127.0.0.1:{port}";
        string[] listening = isPublic ? ["--urls", $"https://0.0.0.0:{port}"] : ["--port", $"{port}"];
        ProcessStartInfo start = new("dotnet")
        {
            ArgumentList = { Path.Combine(RepositoryFolder.ConsoleOutput, "RftConsole.Web.dll"), "--data", dataFolder },
            WorkingDirectory = RepositoryFolder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])[.. listening, .. options])
        {
            start.ArgumentList.Add(argument);
        }

        // ./test quietens hosts; this one is to say when it listens.
        start.Environment.Remove("Logging__LogLevel__Default");
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) =>
        {
            _listening.TrySetException(new InvalidOperationException($"The console ended before it listened:\n{Output}"));
            _ended.TrySetResult();
        };
    }

    public string DataFolder { get; }

    public string Address { get; }

    /// <summary>All that the process has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Done once the process has ended and all that it wrote is read.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts a console and waits until it listens.</summary>
    /// <param name="dataFolder">Its data folder.</param>
    /// <param name="environment">Further variables.</param>
    public static Task<ConsoleProcess> StartAsync(string dataFolder, params (string Name, string Value)[] environment) =>
        RunAsync(new(dataFolder, FreePort(), isPublic: false, []), environment);

    /// <summary>Starts the one that has ended once more: the same data folder, the same port.</summary>
    public static Task<ConsoleProcess> StartAgainAsync(ConsoleProcess ended) => RunAsync(new(ended.DataFolder, new Uri(ended.Address).Port, isPublic: false, []), []);

    /// <summary>Starts one that listens on every address, by HTTPS with a certificate of its own, with further options.</summary>
    public static Task<ConsoleProcess> StartPublicAsync(string dataFolder, params string[] options) => RunAsync(new(dataFolder, FreePort(), isPublic: true, options), []);

    private static async Task<ConsoleProcess> RunAsync(ConsoleProcess console, (string Name, string Value)[] environment)
    {
        foreach ((string name, string value) in environment)
        {
            console._process.StartInfo.Environment[name] = value;
        }

        console._process.Start();
        console._process.BeginOutputReadLine();
        console._process.BeginErrorReadLine();
        await console._listening.Task.WaitAsync(TimeSpan.FromMinutes(2));
        return console;
    }

    /// <summary>Waits for a line of its log, those already written included; false where the process ends before.</summary>
    public async Task<bool> SeesAsync(Predicate<string> line, TimeSpan patience)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            _awaited = (line, seen);
            if (_output.ToString().Split('\n').Any(line.Invoke))
            {
                return true;
            }
        }

        return await Task.WhenAny(seen.Task, Ended).WaitAsync(patience) == seen.Task;
    }

    /// <summary>Ends it as Ctrl+C or a service manager does; returns its exit status.</summary>
    public async Task<int> StopAsync()
    {
        Signal(SignalTerminate);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return _process.ExitCode;
    }

    /// <summary>Ends it as a power cut does.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int processId, int signal);

    public static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            if (_awaited is { } awaited && awaited.Line(line))
            {
                awaited.Seen.TrySetResult();
            }
        }

        if (line.Contains("Now listening on", StringComparison.Ordinal))
        {
            _listening.TrySetResult();
        }
    }
}
