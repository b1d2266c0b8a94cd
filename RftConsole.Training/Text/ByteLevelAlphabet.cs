using System.Text;

namespace RftConsole.Training.Text;

/// <summary>
/// The reversible mapping between the 256 byte values and printable characters that byte-level BPE vocabularies are written in
/// (introduced by GPT-2, used by every byte-level <c>tokenizer.json</c>).
/// </summary>
/// <remarks>
/// Printable Latin-1 characters stand for themselves; the other 68 bytes take the characters from U+0100 on, in byte order.
/// All 256 characters lie in the basic multilingual plane, so that one <see cref="char"/> is always one byte.
/// </remarks>
public static class ByteLevelAlphabet
{
    private const int FirstStandIn = 0x100;

    private static readonly char[] CharOfByte = BuildCharOfByte();
    private static readonly short[] ByteOfChar = BuildByteOfChar();

    /// <summary>The 256 characters, indexed by byte value.</summary>
    public static ReadOnlySpan<char> Characters => CharOfByte;

    /// <summary>The character that stands for a byte.</summary>
    public static char ToChar(byte value) => CharOfByte[value];

    /// <summary>Finds the byte that a character stands for.</summary>
    /// <returns>False when the character is not one of the alphabet's 256.</returns>
    public static bool TryToByte(char character, out byte value)
    {
        var found = character < ByteOfChar.Length ? ByteOfChar[character] : (short)-1;
        value = found < 0 ? (byte)0 : (byte)found;
        return found >= 0;
    }

    /// <summary>Writes bytes in the alphabet, one character for each byte.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (characters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                characters[i] = CharOfByte[source[i]];
            }
        });

    /// <summary>Writes the UTF-8 bytes of a text in the alphabet.</summary>
    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads text written in the alphabet back into bytes.</summary>
    /// <returns>False when a character is not one of the alphabet's 256; <paramref name="bytes"/> is then empty.</returns>
    public static bool TryDecode(ReadOnlySpan<char> characters, out byte[] bytes)
    {
        bytes = new byte[characters.Length];
        for (var i = 0; i < characters.Length; i++)
        {
            if (!TryToByte(characters[i], out bytes[i]))
            {
                bytes = [];
                return false;
            }
        }

        return true;
    }

    private static bool StandsForItself(int value) =>
        value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static char[] BuildCharOfByte()
    {
        var characters = new char[256];
        var nextStandIn = FirstStandIn;
        for (var value = 0; value < characters.Length; value++)
        {
            characters[value] = StandsForItself(value) ? (char)value : (char)nextStandIn++;
        }

        return characters;
    }

    private static short[] BuildByteOfChar()
    {
        var bytes = new short[CharOfByte.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < CharOfByte.Length; value++)
        {
            bytes[CharOfByte[value]] = (short)value;
        }

        return bytes;
    }
}
