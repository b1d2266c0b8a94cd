using System.Security.Cryptography;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Tests.Storage;

/// <summary>Encrypted files: what goes in comes out, and whatever else was done to them is noticed.</summary>
public sealed class SealedFileTests : IAsyncLifetime
{
    private readonly TemporaryFolder _root = new();
    private IDisposable? _registered;
    private string _folder = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        KeyStore keys = new(Path.Combine(_root.Path, "keys"), _ => null);
        await keys.AddAsync("k", KeyKind.Generated, cancellationToken: Token);
        _registered = SealedFolders.Use(keys, _root.Path);
        _folder = Path.Combine(_root.Path, "job");
        await SealedFolders.CreateAsync(_folder, keys, "k", Token);
    }

    public ValueTask DisposeAsync()
    {
        _registered?.Dispose();
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(300_000)]
    public void What_is_written_is_read_whole_or_from_any_place(int length)
    {
        byte[] content = Content(length);
        Write("a.bin", content);

        Assert.Equal(content, VaultFiles.ReadAllBytes(In("a.bin")));
        Assert.Equal(length, VaultFiles.Length(In("a.bin")));
        using Stream stream = VaultFiles.OpenRead(In("a.bin"));
        Random random = new(1);
        for (int i = 0; i < 50; i++)
        {
            int from = random.Next(length + 1);
            int count = random.Next(Math.Min(70_000, length - from + 1));
            byte[] part = new byte[count];
            stream.Position = from;
            stream.ReadExactly(part);
            Assert.Equal(content[from..(from + count)], part);
        }

        Assert.Equal(-1, File.ReadAllBytes(In("a.bin")).AsSpan().IndexOf(content.Length >= 16 ? content.AsSpan(0, 16) : "no such content"u8));
    }

    [Fact]
    public void A_log_grows_is_cut_back_and_grows_again()
    {
        VaultFiles.CutBack(In("log"), 0);
        VaultFiles.Append(In("log"), "one\n"u8);
        VaultFiles.Append(In("log"), "two\n"u8);
        long two = VaultFiles.FlushLog(In("log"));
        VaultFiles.Append(In("log"), Content(200_000));
        VaultFiles.CutBack(In("log"), two);
        VaultFiles.Append(In("log"), "three\n"u8);
        Assert.Equal("one\ntwo\nthree\n", VaultFiles.ReadAllText(In("log")));

        Reopen();
        VaultFiles.Append(In("log"), "four\n"u8);
        Assert.Equal("one\ntwo\nthree\nfour\n", VaultFiles.ReadAllText(In("log")));
    }

    [Fact]
    public void A_reader_sees_a_growing_log_as_it_was_when_it_was_opened()
    {
        VaultFiles.Append(In("log"), "one\n"u8);
        using Stream stream = VaultFiles.OpenRead(In("log"));
        VaultFiles.Append(In("log"), "two\n"u8);
        using StreamReader reader = new(stream);
        Assert.Equal("one\n", reader.ReadToEnd());
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        Write("a.bin", Content(1000));
        byte[] whole = File.ReadAllBytes(In("a.bin"));
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(In("a.bin"), changed);
            Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("a.bin")));
        }
    }

    [Fact]
    public void Every_cut_is_noticed_also_between_frames_and_so_is_what_is_added()
    {
        VaultFiles.Append(In("log"), Content(100));
        VaultFiles.Append(In("log"), Content(100));
        byte[] whole = File.ReadAllBytes(In("log"));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(In("log"), whole[..length]);
            Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("log")));
        }

        File.WriteAllBytes(In("log"), [.. whole, 0]);
        Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("log")));
        File.WriteAllBytes(In("log"), [.. whole, .. whole[^SealedFormat.Overhead..]]);
        Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("log")));
    }

    [Fact]
    public void Frames_cannot_change_places_be_left_out_or_come_twice()
    {
        const int frame = SealedFormat.MostContent + SealedFormat.Overhead;
        Write("a.bin", Content(4 * SealedFormat.MostContent));
        byte[] whole = File.ReadAllBytes(In("a.bin"));
        byte[] Frame(int index) => whole[(SealedFormat.HeadSize + (index * frame))..(SealedFormat.HeadSize + ((index + 1) * frame))];
        byte[] head = whole[..SealedFormat.HeadSize];
        byte[] end = whole[(SealedFormat.HeadSize + (4 * frame))..];
        foreach (int[] order in (int[][])[[1, 0, 2, 3], [0, 1, 2], [0, 1, 2, 2], [0, 1, 3, 2], [1, 2, 3], [0, 0, 1, 2, 3]])
        {
            File.WriteAllBytes(In("a.bin"), [.. head, .. order.SelectMany(Frame), .. end]);
            Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("a.bin")));
        }

        File.WriteAllBytes(In("a.bin"), [.. head, .. ((int[])[0, 1, 2, 3]).SelectMany(Frame), .. end]);
        Assert.Equal(4 * SealedFormat.MostContent, VaultFiles.Length(In("a.bin")));
    }

    [Fact]
    public void What_was_cut_off_after_a_crash_cannot_be_spliced_with_what_came_instead()
    {
        VaultFiles.Append(In("log"), "one\n"u8);
        VaultFiles.Append(In("log"), "two\n"u8);
        byte[] before = File.ReadAllBytes(In("log"));
        VaultFiles.CutBack(In("log"), 4);
        VaultFiles.Append(In("log"), "TWO\n"u8);
        VaultFiles.Append(In("log"), "three\n"u8);
        byte[] after = File.ReadAllBytes(In("log"));
        const int second = SealedFormat.HeadSize + SealedFormat.Overhead + 4;
        const int third = second + SealedFormat.Overhead + 4;
        Assert.Equal(before[..second], after[..second]);

        File.WriteAllBytes(In("log"), [.. before[..third], .. after[third..]]);

        Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("log")));
    }

    [Fact]
    public async Task A_file_cannot_take_another_ones_place()
    {
        Write("a.bin", Content(10));
        Write("b.bin", Content(10));
        string other = Path.Combine(_root.Path, "other");
        KeyStore keys = new(Path.Combine(_root.Path, "keys"), _ => null);
        await SealedFolders.CreateAsync(other, keys, "k", Token);
        using (Stream stream = VaultFiles.Create(Path.Combine(other, "a.bin")))
        {
            stream.Write(Content(10));
        }

        File.Copy(In("b.bin"), In("a.bin"), overwrite: true);
        Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("a.bin")));
        File.Copy(Path.Combine(other, "a.bin"), In("a.bin"), overwrite: true);
        Assert.Contains("another data key", Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("a.bin"))).Message, StringComparison.Ordinal);
        File.WriteAllText(In("a.bin"), "not encrypted at all");
        Assert.Throws<SealedFileException>(() => VaultFiles.ReadAllBytes(In("a.bin")));
    }

    [Fact]
    public void No_nonce_is_used_twice_with_a_key_whatever_is_cut_back()
    {
        HashSet<string> used = [];
        void Note()
        {
            byte[] file = File.ReadAllBytes(In("log"));
            for (int at = SealedFormat.HeadSize; at < file.Length;)
            {
                int length = BitConverter.ToInt32(file, at + 1);
                byte[] frame = file[at..(at + SealedFormat.Overhead + length)];
                // File id, session and counter decide key and nonce; the same ones must stand for the same frame.
                string place = Convert.ToHexString(file[8..24]) + Convert.ToHexString(frame[5..SealedFormat.FrameHeadSize]);
                string content = Convert.ToHexString(SHA256.HashData(frame));
                used.Add(place + content);
                Assert.Single(used, x => x.StartsWith(place, StringComparison.Ordinal));
                at += frame.Length;
            }
        }

        for (int round = 0; round < 6; round++)
        {
            if (round % 2 == 0)
            {
                Reopen();
            }

            VaultFiles.CutBack(In("log"), Math.Max(0, (round - 1) * 4));
            Note();
            for (int i = 0; i < 3; i++)
            {
                VaultFiles.Append(In("log"), "abc\n"u8);
                Note();
            }
        }
    }

    [Fact]
    public void A_torn_end_is_an_error_until_the_log_is_cut_back_to_what_is_known()
    {
        VaultFiles.Append(In("log"), "one\n"u8);
        long known = VaultFiles.FlushLog(In("log"));
        VaultFiles.Append(In("log"), "two\n"u8);
        using (FileStream file = new(In("log"), FileMode.Open))
        {
            file.SetLength(file.Length - 50);
        }

        Reopen();
        Assert.Throws<SealedFileException>(() => VaultFiles.Append(In("log"), "x"u8));
        VaultFiles.CutBack(In("log"), known);
        VaultFiles.Append(In("log"), "TWO\n"u8);
        Assert.Equal("one\nTWO\n", VaultFiles.ReadAllText(In("log")));
        Assert.Throws<SealedFileException>(() => VaultFiles.CutBack(In("log"), 100));
        Assert.Throws<SealedFileException>(() => VaultFiles.CutBack(In("log"), 3));
    }

    [Fact]
    public void A_file_outside_is_as_it_always_was()
    {
        string plain = Path.Combine(_root.Path, "plain.txt");
        VaultFiles.Append(plain, "a"u8);
        Assert.Equal("a", File.ReadAllText(plain));
        VaultFiles.Copy(plain, In("sealed.txt"));
        VaultFiles.Copy(In("sealed.txt"), Path.Combine(_root.Path, "back.txt"));
        Assert.Equal("a", File.ReadAllText(Path.Combine(_root.Path, "back.txt")));
        File.Copy(In("sealed.txt"), Path.Combine(_root.Path, "taken.txt"));
        Assert.Contains("was taken out of its folder", Assert.Throws<KeyUnavailableException>(() => VaultFiles.OpenRead(Path.Combine(_root.Path, "taken.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destroyed_data_key_leaves_nothing_to_read_and_says_so()
    {
        Write("a.bin", Content(10));
        Assert.True(SealedFolders.Destroy(_folder));
        Assert.Contains("it was destroyed", Assert.Throws<KeyUnavailableException>(() => VaultFiles.ReadAllBytes(In("a.bin"))).Message, StringComparison.Ordinal);
        Assert.False(SealedFolders.Destroy(_folder));
    }

    [Fact]
    public void A_value_opens_in_its_own_place_alone()
    {
        SealedText texts = SealedFolders.Find(In("x"))!.Texts;
        byte[] value = texts.Seal("rollouts/1", "grüß dich");
        Assert.Equal("grüß dich", texts.Open("rollouts/1", value));
        Assert.NotEqual(value, texts.Seal("rollouts/1", "grüß dich"));
        Assert.Throws<InvalidDataException>(() => texts.Open("rollouts/2", value));
        for (int i = 0; i < value.Length; i++)
        {
            byte[] changed = [.. value];
            changed[i] ^= 4;
            Assert.Throws<InvalidDataException>(() => texts.Open("rollouts/1", changed));
            Assert.Throws<InvalidDataException>(() => texts.Open("rollouts/1", value[..i]));
        }

        Reopen();
        Assert.Equal("grüß dich", SealedFolders.Find(In("x"))!.Texts.Open("rollouts/1", value));
    }

    private string In(string name) => Path.Combine(_folder, name);

    /// <summary>As another process would find it.</summary>
    private void Reopen() => SealedFolders.Close(_folder);

    private void Write(string name, byte[] content)
    {
        using Stream stream = VaultFiles.Create(In(name));
        stream.Write(content);
    }

    private static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }
}
