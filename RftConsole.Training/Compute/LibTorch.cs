using System.Runtime.InteropServices;

using TorchSharp;

namespace RftConsole.Training.Compute;

/// <summary>Loads libtorch with the settings that must be in place before it loads.</summary>
internal static partial class LibTorch
{
    private const int TrimThreshold = -1;
    private const int MmapMax = -4;
    private const int PriorityOfThread = 0;
    private const int NiceValue = 10;
    private const int BatchPolicy = 3;

    private static readonly Lock s_loading = new();
    private static bool s_loaded;

    /// <summary>Loads libtorch once for the process, with <paramref name="threads"/> threads. To be called on the thread that will use it.</summary>
    public static void Load(int threads)
    {
        lock (s_loading)
        {
            if (!s_loaded && OperatingSystem.IsLinux())
            {
                // A waiting OpenMP thread that spins makes a matrix-vector product ten times slower while another process uses its core.
                // .NET's own environment is a copy that native code does not see, hence setenv.
                SetEnvironment("OMP_WAIT_POLICY", "passive", 0);
                SetEnvironment("GOMP_SPINCOUNT", "0", 0);

                // glibc returns large blocks to the kernel at every free and faults them in again: a training step lost an eighth of its time to it.
                MallocOption(MmapMax, 0);
                MallocOption(TrimThreshold, int.MaxValue);

                // The pages' threads, and the browser's on the same machine, go ahead of the arithmetic where both want a core, and are not put aside
                // whenever one of its threads wakes (sched(7), SCHED_BATCH). libtorch's own threads are children of this one and inherit both.
                SetThreadPriority(PriorityOfThread, 0, NiceValue);
                SetThreadPolicy(0, BatchPolicy, 0);
            }

            torch.set_num_threads(threads);
            s_loaded = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetThreadPriority(int which, uint thread, int niceValue);

    /// <param name="thread">0 is the calling one.</param>
    /// <param name="policy">A policy of sched(7).</param>
    /// <param name="priority">The only field of <c>sched_param</c>; 0 for policies that are not real-time.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetThreadPolicy(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallocOption(int parameter, int value);
}
