using System.Buffers.Binary;
using System.Text;

namespace RftConsole.Tests.Build;

/// <summary>One version that a library asks of another: <c>Elf64_Vernaux</c>.</summary>
internal sealed record VersionNeed(string Name, ushort Flags = 0);

/// <summary>
/// The smallest ELF64 file with a version-need table: header, .dynstr, .gnu.version_r, three section headers.
/// Layout by the System V gABI ("Object Files", "Sections") and the Linux Standard Base ("Symbol Versioning").
/// </summary>
internal sealed class ElfImage
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int EntrySize = 16;
    private const uint TypeStrings = 3;
    private const uint TypeVersionNeed = 0x6ffffffe;

    private readonly Dictionary<string, int> _flagOffsets = [];

    public ElfImage(params (string Library, VersionNeed[] Versions)[] needs)
    {
        MemoryStream strings = new();
        strings.WriteByte(0);
        uint Name(string text)
        {
            uint offset = (uint)strings.Length;
            strings.Write(Encoding.ASCII.GetBytes(text + "\0"));
            return offset;
        }

        int entries = needs.Sum(need => 1 + need.Versions.Length);
        byte[] table = new byte[entries * EntrySize];
        int at = 0;
        List<(string Name, int Offset)> flags = [];
        for (int n = 0; n < needs.Length; n++)
        {
            VersionNeed[] versions = needs[n].Versions;
            bool isLast = n == needs.Length - 1;
            Put16(table, at, 1);
            Put16(table, at + 2, (ushort)versions.Length);
            Put32(table, at + 4, Name(needs[n].Library));
            Put32(table, at + 8, EntrySize);
            Put32(table, at + 12, isLast ? 0 : (uint)((1 + versions.Length) * EntrySize));
            at += EntrySize;
            for (int v = 0; v < versions.Length; v++)
            {
                Put16(table, at + 4, versions[v].Flags);
                Put16(table, at + 6, (ushort)(v + 2));
                Put32(table, at + 8, Name(versions[v].Name));
                Put32(table, at + 12, v == versions.Length - 1 ? 0u : EntrySize);
                flags.Add((versions[v].Name, at + 4));
                at += EntrySize;
            }
        }

        int stringsAt = HeaderSize;
        int tableAt = stringsAt + (int)strings.Length;
        int sectionsAt = tableAt + table.Length;
        Bytes = new byte[sectionsAt + (3 * SectionHeaderSize)];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(Bytes);
        Put64(Bytes, 0x28, (ulong)sectionsAt);
        Put16(Bytes, 0x3a, SectionHeaderSize);
        Put16(Bytes, 0x3c, 3);
        strings.ToArray().CopyTo(Bytes, stringsAt);
        table.CopyTo(Bytes, tableAt);
        PutSection(sectionsAt + SectionHeaderSize, TypeStrings, stringsAt, strings.Length, link: 0);
        PutSection(sectionsAt + (2 * SectionHeaderSize), TypeVersionNeed, tableAt, table.Length, link: 1);
        foreach ((string name, int offset) in flags)
        {
            _flagOffsets[name] = tableAt + offset;
        }
    }

    public byte[] Bytes { get; }

    /// <summary>Where the flags of a version stand in the file.</summary>
    public int FlagOffset(string version) => _flagOffsets[version];

    private static void Put16(byte[] target, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(target.AsSpan(offset), value);

    private static void Put32(byte[] target, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(target.AsSpan(offset), value);

    private static void Put64(byte[] target, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(target.AsSpan(offset), value);

    private void PutSection(int at, uint type, long offset, long size, uint link)
    {
        Put32(Bytes, at + 4, type);
        Put64(Bytes, at + 24, (ulong)offset);
        Put64(Bytes, at + 32, (ulong)size);
        Put32(Bytes, at + 40, link);
    }
}
