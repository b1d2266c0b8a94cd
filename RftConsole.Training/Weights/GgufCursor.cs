using System.Buffers.Binary;
using System.Text;

namespace RftConsole.Training.Weights;

/// <summary>Reads the header of a GGUF file from front to back; nothing is allocated for a length that the file cannot hold.</summary>
internal sealed class GgufCursor(MappedFile file)
{
    /// <summary>The longest text of a published file is a chat template of some 20 KB.</summary>
    private const int LongestText = 16 << 20;

    public string Path => file.Path;

    public long Position { get; private set; }

    public long Remaining => file.Length - Position;

    public ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > Remaining)
        {
            throw new WeightFormatException(Path, what, $"the file ends at byte {file.Length}, within this");
        }

        var bytes = file.Bytes(Position, count);
        Position += count;
        return bytes;
    }

    public byte Byte(string what) => Take(1, what)[0];

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A number of items that take at least <paramref name="smallest"/> bytes each.</summary>
    public int Count(int smallest, int most, string what)
    {
        ulong count = UInt64(what);
        return count <= (ulong)most && count <= (ulong)(Remaining / smallest)
            ? (int)count
            : throw new WeightFormatException(Path, what, $"a count of {count} is more than the rest of the file can hold, or than {most}");
    }

    public string Text(string what)
    {
        ulong length = UInt64(what);
        return length <= LongestText && length <= (ulong)Remaining
            ? Encoding.UTF8.GetString(Take((int)length, what))
            : throw new WeightFormatException(Path, what, $"a text of {length} bytes is longer than the rest of the file, or than {LongestText} bytes");
    }
}
