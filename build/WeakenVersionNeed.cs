#pragma warning disable IDE0005 // MSBuild compiles this file without implicit usings, the tests with them: the usings are needed there and not here.
using System;
using System.IO;
using System.Text;

using Microsoft.Build.Framework;

namespace RftConsole.Build;

/// <summary>
/// MSBuild task: makes one symbol-version requirement of an ELF64 little-endian library weak
/// (<c>VER_FLG_WEAK</c> in <c>vna_flags</c> of its <c>Elf64_Vernaux</c>, section <c>.gnu.version_r</c>), so that the
/// loader accepts a system library that lacks the version.
/// </summary>
/// <remarks>
/// Written for <c>libLibTorchSharp.so</c>, whose only use of <c>GLIBCXX_3.4.32</c> is an iostream marker without a
/// relocation: it is never looked up, yet distributions with a libstdc++ older than GCC 13.2 refuse to load the library.
/// The file is replaced and never written in place, because the output may be a link into the package cache.
/// Structures: System V gABI and the Linux Standard Base, "Symbol Versioning".
/// </remarks>
public sealed class WeakenVersionNeed : Microsoft.Build.Utilities.Task
{
    private const int SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort VersionFlagWeak = 2;

    /// <summary>The library to change. Nothing happens where it does not exist.</summary>
    [Required]
    public string Library { get; set; } = "";

    /// <summary>The version whose requirement becomes weak, such as <c>GLIBCXX_3.4.32</c>.</summary>
    [Required]
    public string Version { get; set; } = "";

    public override bool Execute()
    {
        if (!File.Exists(Library))
        {
            return true;
        }

        byte[] image = File.ReadAllBytes(Library);
        int changed;
        try
        {
            changed = Weaken(image, Version);
        }
        catch (InvalidDataException e)
        {
            Log.LogError("{0}: {1}", Library, e.Message);
            return false;
        }

        if (changed > 0)
        {
            string staged = Library + ".weakened";
            File.WriteAllBytes(staged, image);

            // Same size and same time as the package's file: the next build's copy finds nothing to do.
            File.SetLastWriteTimeUtc(staged, File.GetLastWriteTimeUtc(Library));
            File.Replace(staged, Library, null);
            Log.LogMessage(MessageImportance.Normal, "{0}: requirement {1} is weak now", Library, Version);
        }

        return true;
    }

    /// <summary>Sets the weak flag of every requirement for <paramref name="version"/>; returns how many were changed.</summary>
    /// <exception cref="InvalidDataException">The image is not ELF64 little-endian, or a table points outside it.</exception>
    public static int Weaken(byte[] image, string version)
    {
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[2] != 'L' || image[3] != 'F' || image[4] != 2 || image[5] != 1)
        {
            throw new InvalidDataException("not an ELF64 little-endian file");
        }

        try
        {
            int changed = 0;
            int sections = checked((int)U64(image, 0x28));
            int entrySize = U16(image, 0x3a);
            int count = U16(image, 0x3c);
            for (int i = 0; i < count; i++)
            {
                int header = sections + (i * entrySize);
                if (U32(image, header + 4) == SectionTypeVersionNeed)
                {
                    int strings = sections + (checked((int)U32(image, header + 40)) * entrySize);
                    changed += WeakenSection(image, checked((int)U64(image, header + 24)), checked((int)U64(image, strings + 24)), version);
                }
            }

            return changed;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("a table of the ELF file points outside the file", e);
        }
    }

    private static int WeakenSection(byte[] image, int need, int strings, string version)
    {
        int changed = 0;
        while (true)
        {
            int aux = need + checked((int)U32(image, need + 8));
            for (int i = U16(image, need + 2); i > 0; i--)
            {
                ushort flags = U16(image, aux + 4);
                if ((flags & VersionFlagWeak) == 0 && NameAt(image, strings + checked((int)U32(image, aux + 8))) == version)
                {
                    image[aux + 4] |= (byte)VersionFlagWeak;
                    changed++;
                }

                aux += checked((int)U32(image, aux + 12));
            }

            uint next = U32(image, need + 12);
            if (next == 0)
            {
                return changed;
            }

            need += checked((int)next);
        }
    }

    private static string NameAt(byte[] image, int offset) =>
        Encoding.ASCII.GetString(image, offset, Array.IndexOf(image, (byte)0, offset) - offset);

    // BitConverter, because MSBuild compiles this file against netstandard2.0; every host that builds here is little-endian.
    private static ushort U16(byte[] image, int offset) => BitConverter.ToUInt16(image, offset);

    private static uint U32(byte[] image, int offset) => BitConverter.ToUInt32(image, offset);

    private static ulong U64(byte[] image, int offset) => BitConverter.ToUInt64(image, offset);
}
