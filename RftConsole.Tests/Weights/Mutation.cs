using System.Text;

namespace RftConsole.Tests.Weights;

/// <summary>Damages a file in a seeded way: bits, numbers, lengths, cuts, repeats, and words that JSON knows.</summary>
internal static class Mutation
{
    private static readonly ulong[] s_numbers =
        [0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 1UL << 40, 1UL << 31];

    private static readonly byte[][] s_words =
    [
        .. new[]
        {
            "null", "true", "false", "-1", "0", "1e999", "99999999999999999999", "2147483647", "-2147483648", "1.5", "\"\"", "\"\\ud800\"", "\"x\\ny\"", "[]", "{}", "[[[[", "{\"a\":", ",", "\"", "\\", "NaN",
            "(a+)+$", "\"(\"", "\u00e9", "\0",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>A damaged copy; <paramref name="text"/> prefers words to raw numbers.</summary>
    public static byte[] Of(byte[] original, Random random, bool text)
    {
        byte[] bytes = [.. original];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            bytes = One(bytes, random, text);
        }

        return bytes;
    }

    private static byte[] One(byte[] bytes, Random random, bool text)
    {
        if (bytes.Length < 16)
        {
            return [.. bytes, (byte)random.Next(256)];
        }

        // The beginning decides most: half of the damage is done there.
        int at = random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 2048));
        int length = Math.Min(random.Next(1, 24), bytes.Length - at);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return random.Next(8) == 0 ? bytes[..at] : [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 4:
                int from = random.Next(bytes.Length - length);
                bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                return text ? WithWord(bytes, at, random) : WithNumber(bytes, at, random);
        }
    }

    private static byte[] WithWord(byte[] bytes, int at, Random random)
    {
        byte[] word = s_words[random.Next(s_words.Length)];

        // In the place of a whole value, where there is one.
        int colon = Array.IndexOf(bytes, (byte)':', at);
        int end = colon < 0 ? -1 : bytes.AsSpan(colon).IndexOfAny((byte)',', (byte)'}', (byte)'\n');
        return end > 0 && random.Next(4) > 0 ? [.. bytes[..(colon + 1)], .. word, .. bytes[(colon + end)..]] : [.. bytes[..at], .. word, .. bytes[at..]];
    }

    private static byte[] WithNumber(byte[] bytes, int at, Random random)
    {
        byte[] number = BitConverter.GetBytes(s_numbers[random.Next(s_numbers.Length)]);
        number.AsSpan(0, Math.Min(random.Next(2) == 0 ? 4 : 8, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}
