using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets;

/// <summary>One line of a training file that is not blank.</summary>
/// <param name="Number">Counted from 1, blank lines included.</param>
/// <param name="Text">The line as it stands in the file, without its end; of an overlong one the beginning.</param>
/// <param name="Record">The record; null where the line is none.</param>
/// <param name="Reason">Why it is none; what only a look at all lines shows, such as an id that stands twice, is not found here.</param>
public sealed record RecordLine(int Number, string Text, TrainingRecord? Record, string? Reason);

/// <summary>
/// A plain file of training records, read at any line: where each begins is known, so that a page of a large file costs no more than one of a small file.
/// </summary>
public sealed class RecordFile
{
    private const int BufferBytes = 1 << 18;

    /// <summary>What is shown of a line that is longer than any record.</summary>
    private const int ShownOfOverlong = 4096;

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions s_indented = new(s_readable) { WriteIndented = true };

    private static readonly Comparer<Place> s_byNumber = Comparer<Place>.Create((a, b) => a.Number.CompareTo(b.Number));

    private readonly List<Place> _places = [];

    private RecordFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>Lines that are not blank.</summary>
    public int Count => _places.Count;

    /// <summary>Looks for the lines of a file.</summary>
    /// <param name="path">Not compressed.</param>
    /// <param name="cancellation">Ends it.</param>
    public static RecordFile Open(string path, CancellationToken cancellation = default)
    {
        var file = new RecordFile(path);
        using var stream = VaultFiles.OpenRead(path);
        var buffer = new byte[BufferBytes];
        var line = new LineStart(0, 1, true);
        long position = 0;
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = 0;
            if (position == 0 && buffer.AsSpan(0, read).StartsWith(Encoding.UTF8.Preamble))
            {
                line = line with { Offset = start = Encoding.UTF8.Preamble.Length };
            }

            while (start < read)
            {
                var length = buffer.AsSpan(start, read - start).IndexOf((byte)'\n');
                var part = buffer.AsSpan(start, length < 0 ? read - start : length);
                line = line with { Blank = line.Blank && part.IndexOfAnyExcept(" \t\r"u8) < 0 };
                if (length < 0)
                {
                    break;
                }

                file.Add(line, position + start + length);
                start += length + 1;
                line = new(position + start, line.Number + 1, true);
            }

            position += read;
        }

        file.Add(line, position);
        return file;
    }

    /// <summary>Lines by their place among those that are not blank.</summary>
    public IReadOnlyList<RecordLine> Read(IEnumerable<int> places)
    {
        using var stream = VaultFiles.OpenRead(Path);
        return [.. places.Select(place => Describe(_places[place], ReadBytes(stream, _places[place], ShownOfOverlong)))];
    }

    /// <summary>One line by its number in the file; null where there is none, or it is blank.</summary>
    public RecordLine? ReadLine(int number) => PlaceOf(number) is { } place ? Read([place])[0] : null;

    /// <summary>The places of the lines in which a key, a text or a number holds what is looked for; letters count in either case.</summary>
    public IReadOnlyList<int> Find(string text, CancellationToken cancellation = default)
    {
        var found = new List<int>();
        using var stream = VaultFiles.OpenRead(Path);
        var search = new RecordSearch(text);
        var buffer = new byte[BufferBytes];
        for (var i = 0; i < _places.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var place = _places[i];
            if (place.Length > JsonLines.LongestLine)
            {
                continue;
            }

            if (buffer.Length < place.Length)
            {
                buffer = new byte[place.Length * 2];
            }

            stream.Position = place.Offset;
            stream.ReadExactly(buffer, 0, (int)place.Length);
            if (search.Matches(buffer.AsSpan(0, (int)place.Length)))
            {
                found.Add(i);
            }
        }

        return found;
    }

    /// <summary>Writes the file anew with one line replaced, or left out; all other bytes stay as they are.</summary>
    /// <param name="target">A file that is not there yet.</param>
    /// <param name="number">The line.</param>
    /// <param name="replacement">One line without its end; null leaves the line out.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UserInputException">There is no such line.</exception>
    public async Task RewriteAsync(string target, int number, string? replacement, CancellationToken cancellation = default)
    {
        var place = PlaceOf(number) is { } found ? _places[found] : throw new UserInputException($"There is no line {number} in this file.");
        await using var source = VaultFiles.OpenRead(Path);
        await using var written = VaultFiles.Create(target);
        await CopyAsync(source, written, place.Offset, cancellation);
        if (replacement is not null)
        {
            await written.WriteAsync(Encoding.UTF8.GetBytes(replacement), cancellation);
            // Of a line that ends with CRLF the CR stays.
            source.Position = place.Offset + place.Length - 1;
            if (source.ReadByte() == '\r')
            {
                source.Position--;
            }
        }
        else
        {
            source.Position = place.Offset + place.Length;
            while (source.ReadByte() is not (-1 or '\n'))
            {
                // The line's end goes with it.
            }
        }

        await source.CopyToAsync(written, cancellation);
    }

    /// <summary>A record as one line: what a person may write over several.</summary>
    /// <exception cref="UserInputException">It is no training record; the message says why.</exception>
    public static string ToLine(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Trim());
        try
        {
            var element = RecordJson.ParseObject(bytes);
            TrainingRecordReader.Check(JsonObject.Create(element)!);
            var line = JsonSerializer.Serialize(element, s_readable);
            return Describe(new(0, line.Length, 1), Encoding.UTF8.GetBytes(line)).Reason is { } reason ? throw new RejectedRecordException(reason) : line;
        }
        catch (RejectedRecordException refused)
        {
            throw new UserInputException($"This is no training record: {refused.Message}.", refused);
        }
    }

    /// <summary>A line over several lines for a person to edit; one that is no JSON as it is.</summary>
    public static string ToText(string line)
    {
        try
        {
            return JsonSerializer.Serialize(RecordJson.ParseObject(Encoding.UTF8.GetBytes(line)), s_indented);
        }
        catch (RejectedRecordException)
        {
            return line;
        }
    }

    private static RecordLine Describe(Place place, byte[] bytes)
    {
        var overlong = place.Length > JsonLines.LongestLine;
        var raw = new RawLine(place.Number, bytes, overlong ? LineFault.Overlong : LineFault.None);
        var line = TrainingRecordReader.ReadLine(raw, new RecordIds());
        return new(place.Number, Encoding.UTF8.GetString(bytes).TrimEnd('\r') + (overlong ? "…" : ""), line.Record, line.Rejected?.Reason);
    }

    private static byte[] ReadBytes(Stream stream, Place place, int shownOfOverlong)
    {
        var bytes = new byte[place.Length > JsonLines.LongestLine ? shownOfOverlong : (int)place.Length];
        stream.Position = place.Offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static async Task CopyAsync(Stream source, Stream target, long bytes, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        while (bytes > 0)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), cancellation);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            bytes -= read;
        }
    }

    private void Add(LineStart line, long end)
    {
        if (!line.Blank)
        {
            _places.Add(new(line.Offset, end - line.Offset, line.Number));
        }
    }

    private int? PlaceOf(int number)
    {
        var place = _places.BinarySearch(new(0, 0, number), s_byNumber);
        return place < 0 ? null : place;
    }

    private readonly record struct Place(long Offset, long Length, int Number);

    private readonly record struct LineStart(long Offset, int Number, bool Blank);
}
