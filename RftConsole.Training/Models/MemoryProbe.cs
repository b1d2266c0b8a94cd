using System.Globalization;

namespace RftConsole.Training.Models;

/// <summary>How much memory there is to load a model into.</summary>
/// <param name="AvailableBytes">What could be used without swapping.</param>
public sealed record MemoryProbe(Func<long> AvailableBytes)
{
    /// <summary>This machine, within the limit of the process's container.</summary>
    public static MemoryProbe Machine { get; } = new(() => Math.Min(Available(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));

    private static long Available()
    {
        const string Key = "MemAvailable:";
        const string File = "/proc/meminfo";
        string? line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(x => x.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture, out long kilobytes) ? kilobytes << 10 : long.MaxValue;
    }
}
