using RftConsole.Build;

namespace RftConsole.Tests.Build;

public sealed class WeakenVersionNeedTests
{
    private const string Wanted = "GLIBCXX_3.4.32";

    [Fact]
    public void A_file_that_is_not_ELF_is_refused_by_name()
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => WeakenVersionNeed.Weaken(new byte[128], Wanted));

        Assert.Contains("not an ELF64", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 1)] // EI_CLASS: 32 bits
    [InlineData(5, 2)] // EI_DATA: big-endian
    public void An_ELF_file_of_another_class_or_byte_order_is_refused(int offset, byte value)
    {
        byte[] image = Sample().Bytes;
        image[offset] = value;

        Assert.Throws<InvalidDataException>(() => WeakenVersionNeed.Weaken(image, Wanted));
    }

    [Fact]
    public void Only_the_flag_of_the_wanted_version_changes()
    {
        ElfImage elf = Sample();
        byte[] expected = [.. elf.Bytes];
        expected[elf.FlagOffset(Wanted)] |= 2;

        Assert.Equal(1, WeakenVersionNeed.Weaken(elf.Bytes, Wanted));

        Assert.Equal(expected, elf.Bytes);
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        byte[] image = Sample().Bytes;
        WeakenVersionNeed.Weaken(image, Wanted);
        byte[] afterFirst = [.. image];

        Assert.Equal(0, WeakenVersionNeed.Weaken(image, Wanted));

        Assert.Equal(afterFirst, image);
    }

    [Fact]
    public void Other_flags_of_the_entry_stay()
    {
        ElfImage elf = new(("libstdc++.so.6", [new VersionNeed(Wanted, Flags: 0x0105)]));

        WeakenVersionNeed.Weaken(elf.Bytes, Wanted);

        Assert.Equal(0x0107, BitConverter.ToUInt16(elf.Bytes, elf.FlagOffset(Wanted)));
    }

    [Fact]
    public void A_version_whose_name_only_begins_alike_stays_strong()
    {
        ElfImage elf = new(("libstdc++.so.6", [new VersionNeed("GLIBCXX_3.4.3"), new VersionNeed("GLIBCXX_3.4.321")]));
        byte[] before = [.. elf.Bytes];

        Assert.Equal(0, WeakenVersionNeed.Weaken(elf.Bytes, Wanted));

        Assert.Equal(before, elf.Bytes);
    }

    [Fact]
    public void The_table_of_every_needed_library_is_read()
    {
        ElfImage elf = new(
            ("libfirst.so", [new VersionNeed("A_1"), new VersionNeed("A_2")]),
            ("libsecond.so", [new VersionNeed("B_1")]),
            ("libthird.so", [new VersionNeed("C_1"), new VersionNeed(Wanted)]));

        Assert.Equal(1, WeakenVersionNeed.Weaken(elf.Bytes, Wanted));

        Assert.Equal(2, elf.Bytes[elf.FlagOffset(Wanted)]);
    }

    [Fact]
    public void A_file_cut_off_anywhere_gives_a_clear_refusal_or_none()
    {
        byte[] whole = Sample().Bytes;
        int refused = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            refused += IsRefused(whole[..length]) ? 1 : 0;
        }

        // The last section header is needed up to its link field, 24 bytes before the end.
        Assert.InRange(refused, whole.Length - 24, whole.Length);
    }

    [Fact]
    public void Damaged_files_give_no_other_exception_and_no_change_beyond_flags()
    {
        Random random = new(20260731);
        byte[] whole = Sample().Bytes;
        int refused = 0;
        for (int i = 0; i < 2_000; i++)
        {
            byte[] image = [.. whole];
            for (int n = random.Next(1, 5); n > 0; n--)
            {
                image[random.Next(image.Length)] = (byte)random.Next(256);
            }

            refused += IsRefused(image) ? 1 : 0;
        }

        // A good part of the bytes are offsets; damage that is never noticed would mean that nothing is read.
        Assert.InRange(refused, 200, 1_999);
    }

    private static ElfImage Sample() => new(
        ("libc.so.6", [new VersionNeed("GLIBC_2.2.5"), new VersionNeed("GLIBC_2.34")]),
        ("libstdc++.so.6", [new VersionNeed("GLIBCXX_3.4"), new VersionNeed(Wanted), new VersionNeed("CXXABI_1.3")]));

    private static bool IsRefused(byte[] image)
    {
        byte[] before = [.. image];
        try
        {
            int changed = WeakenVersionNeed.Weaken(image, Wanted);
            Assert.Equal(changed, before.Zip(image).Count(pair => pair.First != pair.Second));
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }
}
