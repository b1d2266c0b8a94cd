using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using CsvHelper;
using CsvHelper.Configuration;

namespace RftConsole.Training.Datasets.Tables;

/// <summary>A CSV file with a header line, RFC 4180: quoted fields may hold separators and line ends.</summary>
internal sealed class CsvTable : TableFile
{
    /// <summary>As for a line of JSON Lines.</summary>
    private const int LongestField = 8 * 1024 * 1024;

    private readonly CsvParser _parser;
    private readonly string _name;

    private CsvTable(CsvParser parser, string[] columns, string name) => (_parser, Columns, _name) = (parser, columns, name);

    public override IReadOnlyList<string> Columns { get; }

    public static CsvTable OpenCsv(string path)
    {
        var name = Path.GetFileName(path);
        // Bytes that are no UTF-8 are an error and not silently replaced.
        var reader = new StreamReader(DataFile.Open(path), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
        var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            DetectDelimiter = true,
            DetectDelimiterValues = [",", ";", "\t", "|"],
            MaxFieldSize = LongestField,
        });
        try
        {
            if (!Guarded(parser, name, parser.Read) || parser.Record!.All(string.IsNullOrWhiteSpace))
            {
                throw new UserInputException($"{name} is empty: the first line must name the columns");
            }

            string[] columns = [.. parser.Record!.Select(column => column.Trim())];
            if (columns.FirstOrDefault(string.IsNullOrEmpty) is not null || columns.Distinct().Count() != columns.Length)
            {
                throw new UserInputException($"{name}, line 1: each column must have a name of its own, not {string.Join(", ", columns.Select(column => $"\"{column}\""))}");
            }

            return new CsvTable(parser, columns, name);
        }
        catch
        {
            parser.Dispose();
            throw;
        }
    }

    public override async IAsyncEnumerable<(int Number, JsonNode?[] Values)> RowsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await Task.CompletedTask;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var line = _parser.RawRow + 1;
            if (Guarded(_parser, _name, () => _parser.Read() ? _parser.Record : null) is not { } record)
            {
                yield break;
            }

            // A last line that is blank is no row, and a short row lacks its last values.
            if (record.Length == 1 && string.IsNullOrWhiteSpace(record[0]) && Columns.Count > 1)
            {
                continue;
            }

            var values = new JsonNode?[Math.Max(Columns.Count, record.Length)];
            for (var i = 0; i < record.Length; i++)
            {
                values[i] = JsonValue.Create(record[i]);
            }

            yield return (line, values);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _parser.Dispose();
        return ValueTask.CompletedTask;
    }

    private static T Guarded<T>(CsvParser parser, string name, Func<T> read)
    {
        // Where the record begins: a quote that is not closed reaches to the end of the file.
        var line = parser.RawRow + 1;
        try
        {
            return read();
        }
        catch (Exception e) when (e is CsvHelperException or DecoderFallbackException or InvalidDataException)
        {
            throw new UserInputException(e is DecoderFallbackException or { InnerException: DecoderFallbackException }
                ? $"{name}, near line {line}: not valid UTF-8; save the file as UTF-8"
                : $"{name}, line {line}: not valid CSV: {(e is BadDataException ? "a quote is not closed, or stands in the middle of a value" : e.Message.Split('\n')[0].Trim())}", e);
        }
    }
}
