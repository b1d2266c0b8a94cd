using System.Diagnostics;

namespace RftConsole.Training.Compute;

/// <summary>Puts pieces of work that are shorter than a hop between threads is worth into one slice.</summary>
internal static class ShortWork
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(10);

    /// <summary>Does pieces until there are no more or the slice has been long enough; returns whether there are more.</summary>
    /// <param name="piece">Does the next piece; returns whether there are more.</param>
    public static bool Repeat(Func<bool> piece)
    {
        long start = Stopwatch.GetTimestamp();
        while (piece())
        {
            if (Stopwatch.GetElapsedTime(start) >= s_slice)
            {
                return true;
            }
        }

        return false;
    }
}
