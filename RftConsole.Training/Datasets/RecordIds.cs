using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RftConsole.Training.Datasets;

/// <summary>The ids of a file's records, as 64-bit hashes with the line that each stands in: a million ids take some 30 MB.</summary>
internal sealed class RecordIds
{
    private readonly HashLines _lines = new();

    /// <summary>Takes an id.</summary>
    /// <returns>False where an earlier line has it already: <paramref name="first"/>.</returns>
    public bool TryAdd(string id, int line, out int first) => _lines.TryAdd(Hash(id), line, out first);

    /// <summary>An id for the record of a line that has none of its own; call it only when all lines are read.</summary>
    public string Generate(int line)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"line-{line}");
        while (!_lines.TryAdd(Hash(id), line, out _))
        {
            id += "'";
        }

        return id;
    }

    private static ulong Hash(string id) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(id.AsSpan()));
}
