using System.Collections.Concurrent;
using System.Diagnostics;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>
/// Starts sandboxes from one thread that never ends. The kernel tells a child that its parent died when the *thread* that
/// started it ends, so a sandbox started from a pool thread would be killed whenever the pool shrinks.
/// </summary>
internal static class SandboxStarter
{
    private static readonly BlockingCollection<Action> Requests = StartThread();

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
            {
                started.SetException(error);
            }
        });
        return started.Task;
    }

    private static BlockingCollection<Action> StartThread()
    {
        BlockingCollection<Action> requests = [];
        Thread thread = new(() =>
        {
            foreach (Action request in requests.GetConsumingEnumerable())
            {
                request();
            }
        })
        {
            IsBackground = true,
            Name = "Sandbox starter",
        };
        thread.Start();
        return requests;
    }
}
