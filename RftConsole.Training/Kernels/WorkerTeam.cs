namespace RftConsole.Training.Kernels;

/// <summary>
/// The threads that share the arithmetic of one compute thread. Work is cut into items that threads take one after the other, so that a thread which the
/// system has put aside delays nobody by more than its own item. Which thread takes an item changes nothing in its result.
/// </summary>
/// <remarks>
/// A decode step has some hundred pieces of work of a few microseconds; a thread that slept would need longer to wake up than the work takes, so idle threads
/// look for work for a moment before they sleep.
/// </remarks>
public sealed class WorkerTeam : IDisposable
{
    private const int LooksBeforeSleep = 4000;
    private const int PausesBetweenLooks = 8;

    private readonly object _gate = new();
    private Work? _work;
    private int _sleeping;
    private bool _closed;

    /// <param name="threads">Threads of the team, the caller's own included.</param>
    public WorkerTeam(int threads)
    {
        Size = threads;
        for (int i = 1; i < threads; i++)
        {
            new Thread(Serve) { IsBackground = true, Name = "compute worker" }.Start();
        }
    }

    /// <summary>Threads, the caller's own included.</summary>
    public int Size { get; }

    /// <summary>Runs <paramref name="body"/> for each index below <paramref name="count"/> and returns when all have run. One call at a time.</summary>
    public void Run(int count, Action<int> body)
    {
        if (Size == 1 || count == 1)
        {
            for (int i = 0; i < count; i++)
            {
                body(i);
            }

            return;
        }

        var work = new Work(body, count);
        Interlocked.Exchange(ref _work, work);
        if (Volatile.Read(ref _sleeping) > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }

        work.Take();
        work.Wait();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Serve()
    {
        Work? done = null;
        while (true)
        {
            var work = Volatile.Read(ref _work);
            for (int i = 0; work == done && i < LooksBeforeSleep; i++)
            {
                Thread.SpinWait(PausesBetweenLooks);
                work = Volatile.Read(ref _work);
            }

            if (work == done)
            {
                lock (_gate)
                {
                    // Counted before the last look: whoever brings work either sees this thread asleep, or this thread sees the work.
                    Interlocked.Increment(ref _sleeping);
                    while ((work = Volatile.Read(ref _work)) == done && !_closed)
                    {
                        Monitor.Wait(_gate);
                    }

                    Interlocked.Decrement(ref _sleeping);
                    if (_closed)
                    {
                        return;
                    }
                }
            }

            done = work;
            work!.Take();
        }
    }

    private sealed class Work(Action<int> body, int count)
    {
        private int _next;
        private int _finished;
        private Exception? _failure;

        public void Take()
        {
            for (int i = Interlocked.Increment(ref _next) - 1; i < count; i = Interlocked.Increment(ref _next) - 1)
            {
                try
                {
                    body(i);
                }
                catch (Exception e)
                {
                    _failure = e;
                }
                finally
                {
                    Interlocked.Increment(ref _finished);
                }
            }
        }

        public void Wait()
        {
            var spin = default(SpinWait);
            while (Volatile.Read(ref _finished) < count)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            if (_failure is not null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
            }
        }
    }
}
