using System.Runtime.InteropServices;

using TorchSharp;

namespace RftConsole.Training.Compute;

/// <summary>Loads libtorch with the settings that must be in place before it loads.</summary>
internal static partial class LibTorch
{
    private const int TrimThreshold = -1;
    private const int MmapMax = -4;

    private static readonly Lock s_loading = new();
    private static bool s_loaded;

    /// <summary>Loads libtorch once for the process, with <paramref name="threads"/> threads.</summary>
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
            }

            torch.set_num_threads(threads);
            s_loaded = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallocOption(int parameter, int value);
}
