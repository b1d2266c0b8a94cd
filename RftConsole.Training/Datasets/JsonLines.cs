using System.Text;

namespace RftConsole.Training.Datasets;

/// <summary>Reads a file line by line as bytes, in bounded memory whatever the file holds.</summary>
internal static class JsonLines
{
    /// <summary>Longer lines are passed over: a prompt of this size fits into no model.</summary>
    public const int LongestLine = 8 * 1024 * 1024;

    private const int KeptOfOverlongLine = 1024;

    /// <summary>The lines that are not blank. A byte order mark before the first one is left out; LF and CRLF end a line.</summary>
    /// <exception cref="UserInputException">Compressed data is damaged; the message names the line where it breaks off.</exception>
    public static IEnumerable<RawLine> Read(Stream stream, string name)
    {
        var buffer = new byte[64 * 1024];
        var line = new MemoryStream();
        var number = 1;
        var overlong = false;
        int read;
        var first = true;
        while ((read = Fill(stream, buffer, first ? 3 : 1, name, number)) > 0)
        {
            if (first && IsUtf16(buffer.AsSpan(0, read)))
            {
                yield return new RawLine(1, buffer[..Math.Min(read, KeptOfOverlongLine)], LineFault.Utf16);
                yield break;
            }

            var start = first ? LengthOfMark(buffer.AsSpan(0, read)) : 0;
            first = false;
            while (start < read)
            {
                var length = buffer.AsSpan(start, read - start).IndexOf((byte)'\n');
                var ends = length >= 0;
                length = ends ? length : read - start;
                if (overlong || line.Length + length > LongestLine)
                {
                    overlong = true;
                    length = (int)Math.Clamp(KeptOfOverlongLine - line.Length, 0, length);
                }

                line.Write(buffer, start, length);
                if (!ends)
                {
                    break;
                }

                start += buffer.AsSpan(start, read - start).IndexOf((byte)'\n') + 1;
                if (!IsBlank(line))
                {
                    yield return new RawLine(number, Content(line), overlong ? LineFault.Overlong : LineFault.None);
                }

                line.SetLength(0);
                overlong = false;
                number++;
            }
        }

        if (!IsBlank(line))
        {
            yield return new RawLine(number, Content(line), overlong ? LineFault.Overlong : LineFault.None);
        }
    }

    private static int Fill(Stream stream, byte[] buffer, int least, string name, int line)
    {
        try
        {
            return stream.ReadAtLeast(buffer, least, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new UserInputException($"{name}, line {line}: the gzip data is damaged here ({e.Message.ReplaceLineEndings(" ")}); compress or copy the file again.", e);
        }
    }

    private static bool IsUtf16(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);

    private static int LengthOfMark(ReadOnlySpan<byte> start) => start.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;

    private static byte[] Content(MemoryStream line) => line.GetBuffer().AsSpan(0, (int)line.Length).TrimEnd((byte)'\r').ToArray();

    private static bool IsBlank(MemoryStream line) =>
        line.GetBuffer().AsSpan(0, (int)line.Length).IndexOfAnyExcept(" \t\r"u8) < 0;
}

/// <summary>One line of a file.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Bytes">Without the line's end; only the beginning of an overlong line.</param>
/// <param name="Fault">Why it cannot even be parsed.</param>
internal readonly record struct RawLine(int Number, byte[] Bytes, LineFault Fault)
{
    private const int ExcerptLength = 120;

    /// <summary>Parses the line into one sound JSON object.</summary>
    /// <exception cref="RejectedRecordException">It is none.</exception>
    public System.Text.Json.JsonElement Parse() => Fault switch
    {
        LineFault.Overlong => throw new RejectedRecordException($"longer than {JsonLines.LongestLine >> 20} MB"),
        LineFault.Utf16 => throw new RejectedRecordException("the file is in UTF-16; save it as UTF-8"),
        _ => RecordJson.ParseObject(Bytes),
    };

    /// <summary>The beginning of the line for a report, with U+FFFD for what is no UTF-8 and a space for what cannot be shown.</summary>
    public string Excerpt()
    {
        var encoding = Fault != LineFault.Utf16 ? Encoding.UTF8 : Bytes[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode;
        var text = encoding.GetString(Bytes.AsSpan(0, Math.Min(Bytes.Length, ExcerptLength * 4))).Trim().Trim('\uFEFF');
        var shown = new StringBuilder(ExcerptLength);
        foreach (var rune in text.EnumerateRunes().Take(ExcerptLength))
        {
            shown.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return shown.Length < text.Length || Fault != LineFault.None ? $"{shown}…" : shown.ToString();
    }
}

/// <summary>Why a line cannot even be parsed.</summary>
internal enum LineFault
{
    None,

    /// <summary>Longer than <see cref="JsonLines.LongestLine"/>.</summary>
    Overlong,

    /// <summary>The file begins with the byte order mark of UTF-16; nothing of it is read.</summary>
    Utf16,
}
