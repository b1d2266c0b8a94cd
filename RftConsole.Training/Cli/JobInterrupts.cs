using System.Runtime.InteropServices;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Cli;

/// <summary>Ctrl+C and SIGTERM while a job runs: the first one pauses it after the current step, the second one ends it at once.</summary>
internal sealed class JobInterrupts : IDisposable
{
    private readonly CancellationTokenSource _pause = new();
    private readonly CancellationTokenSource _shutdown = new();
    private readonly PosixSignalRegistration[] _registrations;

    public JobInterrupts() => _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(x => PosixSignalRegistration.Create(x, OnSignal))];

    public JobSignals Signals => new() { Pause = _pause.Token, Shutdown = _shutdown.Token };

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _pause.Dispose();
        _shutdown.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The runtime would end the process.
        context.Cancel = true;
        if (_pause.IsCancellationRequested)
        {
            _shutdown.Cancel();
            return;
        }

        CommandOutput.Log("Finishing the current step and writing a checkpoint; once more ends at once, and the next run goes on from the last checkpoint.");
        _pause.Cancel();
    }
}
