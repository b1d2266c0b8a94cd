using System.Collections.Concurrent;

using RftConsole.Training.Jobs;

namespace RftConsole.Web.Jobs;

/// <summary>The job that runs in this process: how to stop it, and its step clock. Shared by the runner and the pages' service.</summary>
internal sealed class RunningJobs(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, RunningJob> _running = new();
    private readonly SemaphoreSlim _queued = new(0, 1);

    public RunningJob Begin(string jobId)
    {
        RunningJob job = new(this, jobId, new StepClock(time));
        _running[jobId] = job;
        return job;
    }

    public RunningJob? Find(string jobId) => _running.GetValueOrDefault(jobId);

    /// <summary>Wakes the runner: there may be something in the queue.</summary>
    public void Wake()
    {
        lock (_queued)
        {
            if (_queued.CurrentCount == 0)
            {
                _queued.Release();
            }
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => _queued.WaitAsync(cancellationToken);

    internal sealed class RunningJob(RunningJobs owner, string jobId, StepClock clock) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _pause = new();
        private readonly Lock _gate = new();
        private bool _ended;

        public StepClock Clock { get; } = clock;

        public JobSignals Signals(CancellationToken halt, CancellationToken shutdown) => new() { Stop = _stop.Token, Pause = _pause.Token, Halt = halt, Shutdown = shutdown };

        public void RequestStop() => Request(_stop);

        public void RequestPause() => Request(_pause);

        public void Dispose()
        {
            owner._running.TryRemove(jobId, out _);
            lock (_gate)
            {
                _ended = true;
                _stop.Dispose();
                _pause.Dispose();
            }
        }

        private void Request(CancellationTokenSource signal)
        {
            lock (_gate)
            {
                if (!_ended)
                {
                    signal.Cancel();
                }
            }
        }
    }
}
