using System.Diagnostics;

using RftConsole.Training.Kernels;

using TorchSharp;

namespace RftConsole.Training.Compute;

/// <summary>Who waits for a slice of work.</summary>
public enum WorkPriority
{
    /// <summary>A person waits: the playground, a deployment's caller.</summary>
    Interactive,

    /// <summary>A job.</summary>
    Training,
}

/// <summary>
/// The one thread that owns every tensor. Work reaches it as short slices (one decode step, a small micro-batch; about 300 ms at most),
/// so that interactive generation never waits long behind a job.
/// </summary>
/// <remarks>
/// libtorch's dispose scopes and gradient mode belong to a thread, so a slice must not await or yield. Each slice runs in a dispose scope of its own:
/// a tensor that must outlive it is taken out by <c>DetachFromDisposeScope</c> and disposed of on this thread.
/// </remarks>
public sealed class ComputeThread : IAsyncDisposable
{
    /// <summary>
    /// How long the thread waits for the next slice of whom it serves before it turns to the other: whoever streams an answer asks for a token once it has the one
    /// before, and a training slice in each such gap would make the answer ten times slower. A job whose turn it is asks in the same way, and would lose the rest of its turn.
    /// </summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(5);

    [ThreadStatic]
    private static WorkerTeam? t_team;

    private readonly Queue<Action> _interactive = new();
    private readonly Queue<Action> _training = new();
    private readonly SliceScheduler _scheduler = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    /// <summary>Starts the thread. libtorch is loaded by its first slice.</summary>
    /// <param name="threads">Threads of libtorch's own pool; null: one a core. The number is part of what decides the last bit of a result.</param>
    public ComputeThread(int? threads = null)
    {
        Threads = threads ?? Environment.ProcessorCount;
        new Thread(Run) { IsBackground = true, Name = "compute" }.Start();
    }

    /// <summary>Threads of libtorch's own pool.</summary>
    public int Threads { get; }

    /// <summary>The threads that share the arithmetic of the compute thread that calls.</summary>
    /// <exception cref="InvalidOperationException">The caller is not on a compute thread.</exception>
    internal static WorkerTeam Team => t_team ?? throw new InvalidOperationException("Only work on the compute thread has its team.");

    /// <summary>Runs one slice on the compute thread.</summary>
    /// <exception cref="ObjectDisposedException">The thread was disposed of.</exception>
    public Task<T> RunAsync<T>(WorkPriority priority, Func<T> slice, CancellationToken cancellationToken = default)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_interactive)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            (priority == WorkPriority.Interactive ? _interactive : _training).Enqueue(() => RunSlice(slice, completion, cancellationToken));
            Monitor.Pulse(_interactive);
        }

        return completion.Task;
    }

    /// <inheritdoc cref="RunAsync{T}(WorkPriority, Func{T}, CancellationToken)"/>
    public Task RunAsync(WorkPriority priority, Action slice, CancellationToken cancellationToken = default) =>
        RunAsync(
            priority,
            () =>
            {
                slice();
                return true;
            },
            cancellationToken);

    /// <summary>Finishes the slices that wait, then ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_interactive)
        {
            _closed = true;
            Monitor.Pulse(_interactive);
        }

        await _ended.Task;
    }

    private static void RunSlice<T>(Func<T> slice, TaskCompletionSource<T> completion, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            using var scope = torch.NewDisposeScope();
            completion.SetResult(slice());
        }
        catch (OperationCanceledException e)
        {
            completion.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            // The slice's own caller gets its failure; the thread serves the others.
            completion.SetException(e);
        }
    }

    private void Run()
    {
        LibTorch.Load(Threads);

        // Made here, because threads inherit the niceness of the one that starts them.
        using var team = t_team = new WorkerTeam(Threads);
        var priority = WorkPriority.Training;
        while (true)
        {
            Action slice;
            Queue<Action> other;
            lock (_interactive)
            {
                while (_interactive.Count == 0 && _training.Count == 0)
                {
                    if (_closed)
                    {
                        _ended.SetResult();
                        return;
                    }

                    Monitor.Wait(_interactive);
                }

                if (priority == WorkPriority.Interactive)
                {
                    AwaitNext(_interactive);
                }
                else if (_scheduler.OwesTraining)
                {
                    AwaitNext(_training);
                }

                priority = _scheduler.Next(_interactive.Count > 0, _training.Count > 0);
                (var own, other) = priority == WorkPriority.Interactive ? (_interactive, _training) : (_training, _interactive);
                slice = own.Dequeue();
            }

            long start = Stopwatch.GetTimestamp();
            slice();
            bool otherWaits;
            lock (_interactive)
            {
                // Looked at now: at the beginning, the other may just have got its last slice and not asked for the next one yet.
                otherWaits = other.Count > 0;
            }

            _scheduler.Ran(priority, Stopwatch.GetElapsedTime(start), otherWaits);
        }
    }

    /// <summary>Gives the one who had the thread a moment to ask for it again.</summary>
    private void AwaitNext(Queue<Action> own)
    {
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan left = s_grace; own.Count == 0 && left > TimeSpan.Zero && !_closed; left = s_grace - Stopwatch.GetElapsedTime(start))
        {
            Monitor.Wait(_interactive, left);
        }
    }
}
