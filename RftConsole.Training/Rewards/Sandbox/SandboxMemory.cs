using System.Globalization;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>
/// What the processes of a sandbox use together. The kernel limits each process by itself; without this, a function that forks
/// could use the limit as often as it may fork.
/// </summary>
internal static class SandboxMemory
{
    /// <summary>How often a running call is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>What a process has before it does anything: pages of the worker that it shares, counted for each.</summary>
    private const long BaseOfProcess = 16 << 20;

    /// <summary>The most that the processes may use together, in bytes.</summary>
    public static long Limit(WorkerSettings settings) => settings.MemoryLimit + (settings.ProcessLimit * BaseOfProcess);

    /// <summary>Bytes of private memory in <paramref name="process"/> and all its descendants.</summary>
    public static long Used(int process)
    {
        long used = 0;
        Stack<string> open = new([process.ToString(CultureInfo.InvariantCulture)]);
        while (open.TryPop(out string? id))
        {
            // Pages: size, resident, shared with files, …
            string[] pages = Read($"/proc/{id}/statm");
            if (pages.Length > 2)
            {
                used += (long.Parse(pages[1], CultureInfo.InvariantCulture) - long.Parse(pages[2], CultureInfo.InvariantCulture)) * Environment.SystemPageSize;
            }

            foreach (string child in Read($"/proc/{id}/task/{id}/children"))
            {
                open.Push(child);
            }
        }

        return used;
    }

    private static string[] Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has ended in the meantime, or the system hides it: each process still has its own limit.
            return [];
        }
    }
}
