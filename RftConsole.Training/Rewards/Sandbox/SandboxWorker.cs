using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Network;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>One running sandbox with its warm worker. One call at a time; disposing kills it.</summary>
internal sealed class SandboxWorker : IAsyncDisposable
{
    /// <summary>How long a call may take beyond its own limit before the worker itself counts as broken.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private const int LongestDiagnosis = 8192;

    private readonly Process _process;
    private readonly Stream _requests;
    private readonly Stream _replies;
    private readonly StringBuilder _diagnosis = new();
    private readonly long _memoryLimit;
    private readonly SandboxWayOut? _wayOut;
    private bool _started;

    private SandboxWorker(Process process, long memoryLimit, SandboxWayOut? wayOut)
    {
        _wayOut = wayOut;
        _process = process;
        _memoryLimit = memoryLimit;
        _requests = process.StandardInput.BaseStream;
        _replies = process.StandardOutput.BaseStream;
        process.ErrorDataReceived += (_, line) => AddDiagnosis(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>The process id of the sandbox, as the host sees it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a sandbox and lets the worker inspect it.</summary>
    /// <param name="command">How.</param>
    /// <param name="settings">What the worker needs to know.</param>
    /// <param name="network">What is behind its way out, where the settings give it one.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="RewardInfrastructureException">It does not start, or is not tight.</exception>
    public static async Task<SandboxWorker> StartAsync(SandboxCommand command, WorkerSettings settings, OutboundPolicy network, CancellationToken cancellationToken)
    {
        SandboxWayOut? wayOut = settings.ProxyPort is null ? null : new(network);
        string marker = "reward-sandbox-" + Guid.NewGuid().ToString("N");
        IReadOnlyList<string> line = command.Arguments(SandboxProtocol.Bootstrap, settings.FileLimit, settings.Packages, wayOut?.SocketFile, marker);
        ProcessStartInfo start = new(line[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (string argument in line.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        SandboxWorker worker;
        try
        {
            worker = new(await SandboxStarter.StartAsync(start), SandboxMemory.Limit(settings), wayOut);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            if (wayOut is not null)
            {
                await wayOut.DisposeAsync();
            }

            throw new RewardInfrastructureException(SandboxDiagnosis.DoesNotStart(error.Message), error);
        }

        try
        {
            await worker.InitialiseAsync(command, settings, cancellationToken);
            worker._started = true;
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>One request and its reply.</summary>
    /// <param name="control">What to do, and its time limit.</param>
    /// <param name="payload">The event.</param>
    /// <param name="cancellationToken">The worker is of no use after a cancelled call.</param>
    /// <exception cref="RewardInfrastructureException">The worker died, hangs, or sent something that is not its own.</exception>
    public async Task<WorkerReply> CallAsync(WorkerControl control, byte[] payload, CancellationToken cancellationToken)
    {
        TimeSpan limit = TimeSpan.FromMilliseconds(control.TimeoutMs) + Grace;
        MemoryGuard guard = new(_process.Id, _memoryLimit, Kill);
        using Timer timer = new(_ => guard.Check(), null, SandboxMemory.Interval, SandboxMemory.Interval);
        try
        {
            return await GuardAsync(limit, cancellationToken, token => ExchangeAsync(control, payload, token));
        }
        catch (RewardInfrastructureException) when (guard.Tripped)
        {
            // The sandbox was ended for what the user's code did, so this is the outcome of the call; the sandbox is of no further use.
            return new(new("", "memory", null, null, 0, 0, Dirty: true), [], []);
        }
    }

    /// <summary>Kills the sandbox; its process namespace takes everything inside with it.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        if (_wayOut is not null)
        {
            await _wayOut.DisposeAsync();
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    private async Task<WorkerReply> ExchangeAsync(WorkerControl control, byte[] payload, CancellationToken cancellationToken)
    {
        byte[] seal = RandomNumberGenerator.GetBytes(16);
        await SandboxProtocol.WriteAsync(_requests, [SandboxProtocol.Json(control), payload, seal], cancellationToken);
        byte[] report = await SandboxProtocol.ReadAsync(_replies, cancellationToken);
        WorkerReport read = JsonSerializer.Deserialize<WorkerReport>(report) ?? throw new InvalidDataException("the worker sent an empty report");
        if (read.Seal != Convert.ToHexStringLower(seal))
        {
            throw new InvalidDataException("a reply came that is not the worker's answer to this call");
        }

        return new(read, await SandboxProtocol.ReadAsync(_replies, cancellationToken), await SandboxProtocol.ReadAsync(_replies, cancellationToken));
    }

    private async Task InitialiseAsync(SandboxCommand command, WorkerSettings settings, CancellationToken cancellationToken)
    {
        WorkerInspection inspection = await GuardAsync(Grace, cancellationToken, async token =>
        {
            await SandboxProtocol.WriteAsync(_requests, [SandboxProtocol.Json(settings)], token);
            byte[] hello = await SandboxProtocol.ReadAsync(_replies, token);
            if (_wayOut is not null)
            {
                // Handed over before the greeting.
                await _wayOut.OpenAsync(token);
            }

            return JsonSerializer.Deserialize<WorkerInspection>(hello) ?? throw new InvalidDataException("the worker sent an empty greeting");
        });
        if (Finding(command, settings, inspection) is { } finding)
        {
            throw new RewardInfrastructureException(SandboxDiagnosis.NotTight(finding));
        }
    }

    private static string? Finding(SandboxCommand command, WorkerSettings settings, WorkerInspection inspection)
    {
        // LC_CTYPE is what Python itself sets where the C locale is not UTF-8.
        string[] strangers = [.. inspection.Environment.Where(name => !SandboxCommand.Variables.ContainsKey(name) && (settings.ProxyPort is null || !SandboxCommand.ProxyVariables.ContainsKey(name)) && name is not ("LC_CTYPE" or "PWD"))];
        string[] expected = ["bin", "dev", "lib", "lib64", "tmp", "usr", .. command.PythonFolders.Select(folder => folder.Split('/')[1])];
        string[] folders = [.. inspection.Root.Except(expected).Where(name => settings.Packages is null || "/" + name != SandboxCommand.Packages).Where(name => settings.ProxyPort is null || ("/" + name != SandboxCommand.WayOut && name != "etc"))];
        return inspection switch
        {
            { Pid: not 1 } => "it has no process namespace of its own",
            { Writable.Length: > 0 } => "it can write to " + string.Join(", ", inspection.Writable),
            _ when inspection.Interfaces.Any(name => name != "lo") => "it has the network interfaces " + string.Join(", ", inspection.Interfaces),
            _ when strangers.Length > 0 => "it sees the environment variables " + string.Join(", ", strangers),
            _ when folders.Length > 0 => "it sees the folders " + string.Join(", ", folders),
            _ => null,
        };
    }

    private async Task<T> GuardAsync<T>(TimeSpan limit, CancellationToken cancellationToken, Func<CancellationToken, Task<T>> exchange)
    {
        using CancellationTokenSource timeout = new(limit);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await exchange(both.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RewardInfrastructureException($"The worker of the reward sandbox did not answer within {limit.TotalSeconds:0} s.", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or JsonException)
        {
            throw new RewardInfrastructureException(await DiagnoseAsync(error), error);
        }
    }

    private async Task<string> DiagnoseAsync(Exception error)
    {
        if (error is InvalidDataException or JsonException)
        {
            return $"The reward sandbox sent something unreadable: {error.Message}.";
        }

        using CancellationTokenSource patience = new(Grace);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return "The reward sandbox closed its pipe, but still runs.";
        }

        lock (_diagnosis)
        {
            string last = _diagnosis.Length > 0 ? _diagnosis.ToString() : $"it ended with status {_process.ExitCode}";
            return _started ? $"The reward sandbox ended while it worked: {last.Trim()}" : SandboxDiagnosis.DoesNotStart(last);
        }
    }

    private void AddDiagnosis(string? line)
    {
        lock (_diagnosis)
        {
            if (line is not null && _diagnosis.Length < LongestDiagnosis)
            {
                _diagnosis.AppendLine(line);
            }
        }
    }

    /// <summary>Ends a call whose processes together use too much.</summary>
    private sealed class MemoryGuard(int process, long limit, Action kill)
    {
        private volatile bool _tripped;

        public bool Tripped => _tripped;

        public void Check()
        {
            if (!_tripped && SandboxMemory.Used(process) > limit)
            {
                _tripped = true;
                kill();
            }
        }
    }
}
