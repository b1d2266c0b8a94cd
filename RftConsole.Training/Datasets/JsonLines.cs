using System.Text;

namespace RftConsole.Training.Datasets;

/// <summary>Reads a file line by line as bytes, in bounded memory whatever the file holds.</summary>
internal static class JsonLines
{
    /// <summary>Longer lines are passed over: a prompt of this size fits into no model.</summary>
    public const int LongestLine = 16 * 1024 * 1024;

    private const int KeptOfOverlongLine = 1024;

    /// <summary>The lines that are not blank. A byte order mark before the first one is left out; LF and CRLF end a line.</summary>
    /// <exception cref="UserInputException">The file is in UTF-16.</exception>
    public static IEnumerable<RawLine> Read(Stream stream, string name)
    {
        var buffer = new byte[64 * 1024];
        var line = new MemoryStream();
        var number = 1;
        var overlong = false;
        int read;
        var first = true;
        while ((read = stream.ReadAtLeast(buffer, first ? 3 : 1, throwOnEndOfStream: false)) > 0)
        {
            var start = first ? LengthOfMark(buffer.AsSpan(0, read), name) : 0;
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
                    yield return new RawLine(number, line.ToArray(), overlong);
                }

                line.SetLength(0);
                overlong = false;
                number++;
            }
        }

        if (!IsBlank(line))
        {
            yield return new RawLine(number, line.ToArray(), overlong);
        }
    }

    private static int LengthOfMark(ReadOnlySpan<byte> start, string name)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            throw new UserInputException($"{name} is in UTF-16: save it as UTF-8.");
        }

        return start.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
    }

    private static bool IsBlank(MemoryStream line) =>
        line.GetBuffer().AsSpan(0, (int)line.Length).IndexOfAnyExcept(" \t\r"u8) < 0;
}

/// <summary>One line of a file.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Bytes">Without the line's end; only the beginning of an overlong line.</param>
/// <param name="Overlong">The line was longer than <see cref="JsonLines.LongestLine"/>.</param>
internal readonly record struct RawLine(int Number, byte[] Bytes, bool Overlong)
{
    private const int ExcerptLength = 120;

    /// <summary>The beginning of the line for a report, with U+FFFD for what is no UTF-8 and a space for what cannot be shown.</summary>
    public string Excerpt()
    {
        var text = Encoding.UTF8.GetString(Bytes.AsSpan(0, Math.Min(Bytes.Length, ExcerptLength * 4))).Trim();
        var shown = new StringBuilder(ExcerptLength);
        foreach (var rune in text.EnumerateRunes().Take(ExcerptLength))
        {
            shown.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return shown.Length < text.Length || Overlong ? $"{shown}…" : shown.ToString();
    }
}
