using System.IO.Hashing;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>What is taken of invocation logs.</summary>
/// <param name="UsePromptResponse">The logged reply becomes the <c>reference_answer</c>; otherwise prompts alone are taken.</param>
/// <param name="Filter">Which calls are taken; null for all.</param>
public sealed record InvocationLogOptions(bool UsePromptResponse = false, MetadataFilter? Filter = null)
{
    /// <summary>The first day, in UTC, of which calls are taken; null for no beginning.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last such day; null for no end.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Sees that they can be used together.</summary>
    /// <exception cref="UserInputException">The filter is none, or the first day is after the last.</exception>
    public void Check()
    {
        Filter?.Check("requestMetadataFilters");
        if (From > To)
        {
            throw new UserInputException($"The first day, {From:yyyy-MM-dd}, is after the last, {To:yyyy-MM-dd}.");
        }
    }
}

/// <summary>Where logs lie.</summary>
/// <param name="Path">A file, or a folder whose files and folders are read.</param>
/// <param name="Name">What reports call it; null leaves a file its own name, and gives a folder none.</param>
public sealed record InvocationLogInput(string Path, string? Name = null);

/// <summary>What became of the records of invocation logs.</summary>
/// <param name="Converted">Training records written.</param>
/// <param name="Filtered">Records that the filter or the days left out.</param>
/// <param name="Skipped">Records that could not be converted, or repeat an earlier one, in their order.</param>
/// <param name="First">The first conversions beside their source.</param>
public sealed record InvocationLogReport(int Converted, int Filtered, IReadOnlyList<SkippedLine> Skipped, IReadOnlyList<ConvertedLine> First);

/// <summary>A line of a log that became no training record.</summary>
/// <param name="File">Relative to the folder; the file's own name where one file was given.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedLine(string File, int Line, string Reason);

/// <summary>A log record and the training record that it became, both as JSON.</summary>
public sealed record ConvertedLine(string File, int Line, string Source, string Record);

/// <summary>Converts model invocation logs, plain or gzip, into training records: one pass, in memory that hardly grows with the logs.</summary>
public static class InvocationLogConverter
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Converts a file, or all files of a folder and its folders.</summary>
    /// <param name="input">A file or folder.</param>
    /// <param name="output">The JSONL file to write; there is none until all is converted.</param>
    /// <param name="options">What is taken.</param>
    /// <param name="keepFirst">Conversions that the report holds beside their source.</param>
    /// <param name="cancellation">Checked before each record.</param>
    /// <exception cref="UserInputException">The input is missing or cannot be read, or the output cannot be written.</exception>
    public static InvocationLogReport Convert(string input, string output, InvocationLogOptions options, int keepFirst = 0, CancellationToken cancellation = default) =>
        Convert([new InvocationLogInput(input)], output, options, keepFirst, cancellation);

    /// <summary>Converts several files and folders, one after the other; what stands in two of them is taken once.</summary>
    /// <inheritdoc cref="Convert(string, string, InvocationLogOptions, int, CancellationToken)"/>
    public static InvocationLogReport Convert(IReadOnlyList<InvocationLogInput> inputs, string output, InvocationLogOptions options, int keepFirst = 0, CancellationToken cancellation = default)
    {
        options.Check();
        var files = inputs.SelectMany(input => InvocationLogFiles.Find(input, output)).ToArray();
        var staged = $"{output}.{Guid.NewGuid():N}.part";
        try
        {
            InvocationLogReport report;
            using (var target = Create(staged, output))
            {
                report = new Run(target, options, keepFirst).Convert(files, cancellation);
            }

            File.Move(staged, output, overwrite: true);
            return report;
        }
        finally
        {
            File.Delete(staged);
        }
    }

    private static Stream Create(string staged, string output)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
            return VaultFiles.Create(staged, output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{output} cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private sealed class Run(Stream target, InvocationLogOptions options, int keepFirst)
    {
        private readonly HashLines _conversations = new();
        private readonly List<(string File, int Line)> _places = [];
        private readonly RecordIds _ids = new();
        private readonly List<SkippedLine> _skipped = [];
        private readonly List<ConvertedLine> _first = [];
        private int _filtered;

        public InvocationLogReport Convert(IReadOnlyList<(string Path, string Name)> files, CancellationToken cancellation)
        {
            foreach (var (path, name) in files)
            {
                using var stream = DataFile.Open(path);
                ConvertFile(stream, name, cancellation);
            }

            return new InvocationLogReport(_places.Count, _filtered, _skipped, _first);
        }

        private void ConvertFile(Stream stream, string name, CancellationToken cancellation)
        {
            var last = 0;
            try
            {
                foreach (var raw in JsonLines.Read(stream, name))
                {
                    cancellation.ThrowIfCancellationRequested();
                    last = raw.Number;
                    ConvertLine(raw, name);
                }
            }
            catch (UserInputException e) when (e.InnerException is InvalidDataException)
            {
                // One damaged file of many: what was read of it counts, the rest of it is reported.
                _skipped.Add(new SkippedLine(name, last + 1, "the gzip data is damaged here; the rest of the file cannot be read"));
            }
        }

        private void ConvertLine(RawLine raw, string file)
        {
            try
            {
                var log = raw.Parse();
                var record = InvocationLogRecord.Convert(log, options);
                RequireNew(record, file, raw.Number);
                // An id that is used already says nothing: the record is given one of its own when it is read.
                if (record["id"] is { } id && !_ids.TryAdd(id.GetValue<string>(), 1, out _))
                {
                    record.Remove("id");
                }

                var line = JsonSerializer.SerializeToUtf8Bytes(record, s_plain);
                target.Write(line);
                target.WriteByte((byte)'\n');
                if (_first.Count < keepFirst)
                {
                    _first.Add(new ConvertedLine(file, raw.Number, Encoding.UTF8.GetString(raw.Bytes), Encoding.UTF8.GetString(line)));
                }
            }
            catch (RejectedRecordException e)
            {
                _skipped.Add(new SkippedLine(file, raw.Number, e.Message));
            }
            catch (FilteredRecordException)
            {
                _filtered++;
            }
        }

        private void RequireNew(JsonObject record, string file, int line)
        {
            // What a job would reject of the conversion is said here, beside the log's line.
            TrainingRecordReader.Check(record);
            var text = JsonSerializer.SerializeToUtf8Bytes(new JsonArray(record["messages"]!.DeepClone(), record["tools"]?.DeepClone(), record["reference_answer"]?.DeepClone()), s_plain);
            if (!_conversations.TryAdd(XxHash3.HashToUInt64(text), _places.Count + 1, out var first))
            {
                var (earlierFile, earlierLine) = _places[first - 1];
                throw new RejectedRecordException($"a duplicate: the same conversation is in {(earlierFile == file ? "" : $"{earlierFile}, ")}line {earlierLine}");
            }

            _places.Add((file, line));
        }
    }
}
