using System.Diagnostics;

using RftConsole.Training.Compute;

using TorchSharp;

namespace RftConsole.Tests.Compute;

/// <summary>The order of slices, and what becomes of failed, cancelled and late ones.</summary>
public sealed class ComputeThreadTests
{
    [Fact]
    public async Task Interactive_slices_run_ahead_of_training_slices_that_wait_longer()
    {
        await using var compute = new ComputeThread(2);
        var order = new List<string>();
        using var gate = new ManualResetEventSlim();
        var first = compute.RunAsync(WorkPriority.Training, gate.Wait);
        Task[] others =
        [
            compute.RunAsync(WorkPriority.Training, () => order.Add("training 1")),
            compute.RunAsync(WorkPriority.Training, () => order.Add("training 2")),
            compute.RunAsync(WorkPriority.Interactive, () => order.Add("interactive 1")),
            compute.RunAsync(WorkPriority.Interactive, () => order.Add("interactive 2")),
        ];
        gate.Set();
        await Task.WhenAll([first, .. others]);

        Assert.Equal(["interactive 1", "interactive 2", "training 1", "training 2"], order);
    }

    [Fact]
    public async Task An_answer_is_not_held_up_by_training_between_its_tokens()
    {
        // An answer asks for its next slice once it has the one before, so for an instant nobody interactive waits.
        await using var compute = new ComputeThread(2);
        var order = new List<WorkPriority>();
        using var answered = new CancellationTokenSource();
        var training = Task.Run(async () =>
        {
            while (!answered.IsCancellationRequested)
            {
                await compute.RunAsync(WorkPriority.Training, () => Work(WorkPriority.Training));
            }
        });
        for (int i = 0; i < 50; i++)
        {
            await compute.RunAsync(WorkPriority.Interactive, () => Work(WorkPriority.Interactive));
        }

        await answered.CancelAsync();
        await training;

        // 50 slices of 2 ms owe training 33 ms, less than a turn. A late wake-up on a busy machine may let one or the other slip in.
        int between = order.Skip(order.IndexOf(WorkPriority.Interactive)).Take(order.LastIndexOf(WorkPriority.Interactive) - order.IndexOf(WorkPriority.Interactive)).Count(x => x == WorkPriority.Training);
        Assert.InRange(between, 0, 20);

        void Work(WorkPriority priority)
        {
            order.Add(priority);
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 2)
            {
                Thread.SpinWait(100);
            }
        }
    }

    [Fact]
    public async Task A_job_of_short_slices_keeps_its_turns_while_answers_never_pause()
    {
        await using var compute = new ComputeThread(2);
        using var trained = new CancellationTokenSource();
        int answering = 0;
        var answers = Task.Run(async () =>
        {
            while (!trained.IsCancellationRequested)
            {
                await compute.RunAsync(WorkPriority.Interactive, () => Spin(20));
                answering++;
            }
        });
        for (int i = 0; i < 200; i++)
        {
            await compute.RunAsync(WorkPriority.Training, () => Spin(1));
        }

        await trained.CancelAsync();
        await answers;

        // A quarter of the time: 30 slices of answers. Where each turn ended with its first slice, there would be 3,000.
        Assert.InRange(answering, 1, 300);

        static void Spin(int milliseconds)
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
            {
                Thread.SpinWait(100);
            }
        }
    }

    [Fact]
    public async Task A_failure_reaches_its_caller_and_the_thread_goes_on()
    {
        await using var compute = new ComputeThread(2);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => compute.RunAsync(WorkPriority.Training, () => throw new InvalidDataException("of this slice")));

        Assert.Equal("of this slice", error.Message);
        Assert.Equal(5, await compute.RunAsync(WorkPriority.Training, () => 5));
    }

    [Fact]
    public async Task A_slice_that_was_cancelled_while_it_waited_does_not_run()
    {
        await using var compute = new ComputeThread(2);
        using var gate = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        bool ran = false;
        var first = compute.RunAsync(WorkPriority.Training, gate.Wait);
        var second = compute.RunAsync(WorkPriority.Training, () => ran = true, cancelled.Token);
        await cancelled.CancelAsync();
        gate.Set();
        await first;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(ran);
    }

    [Fact]
    public async Task Disposing_finishes_the_work_that_waits_and_takes_no_more()
    {
        var compute = new ComputeThread(2);
        using var gate = new ManualResetEventSlim();
        var first = compute.RunAsync(WorkPriority.Interactive, gate.Wait);
        var waiting = Enumerable.Range(0, 5).Select(i => compute.RunAsync(WorkPriority.Training, () => i)).ToArray();
        var disposed = compute.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => compute.RunAsync(WorkPriority.Training, () => 0));
        Assert.False(disposed.IsCompleted);
        gate.Set();
        await disposed;

        await first;
        int[] results = await Task.WhenAll(waiting);
        Assert.Equal([0, 1, 2, 3, 4], results);
    }

    [Fact]
    public async Task All_slices_run_on_one_thread_and_what_they_leave_is_disposed_of()
    {
        await using var compute = new ComputeThread(2);
        torch.Tensor? left = null, kept = null;
        int thread = await compute.RunAsync(WorkPriority.Training, () =>
        {
            left = torch.ones(3);
            kept = torch.ones(3).DetachFromDisposeScope();
            return Environment.CurrentManagedThreadId;
        });

        Assert.Equal(thread, await compute.RunAsync(WorkPriority.Interactive, () => Environment.CurrentManagedThreadId));
        Assert.True(left!.IsInvalid);
        Assert.False(kept!.IsInvalid);
        await compute.RunAsync(WorkPriority.Training, kept.Dispose);
    }
}
