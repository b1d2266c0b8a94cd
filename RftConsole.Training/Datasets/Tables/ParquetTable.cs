using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;

using Parquet;
using Parquet.Schema;

namespace RftConsole.Training.Datasets.Tables;

/// <summary>The flat columns of a Parquet file; what cannot become JSON, such as lists and pictures, is left out and named.</summary>
internal sealed class ParquetTable : TableFile
{
    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;
    private readonly string _name;

    private ParquetTable(ParquetReader reader, DataField[] fields, string[] leftOut, string name)
    {
        (_reader, _fields, _name, LeftOut) = (reader, fields, name, leftOut);
        Columns = [.. fields.Select(field => field.Name)];
    }

    public override IReadOnlyList<string> Columns { get; }

    public override IReadOnlyList<string> LeftOut { get; }

    public static async Task<ParquetTable> OpenParquetAsync(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            var reader = await ParquetReader.CreateAsync(path);
            try
            {
                var tried = new List<(Field Field, string? Problem)>();
                foreach (var field in reader.Schema.Fields)
                {
                    tried.Add((field, await ProblemOfAsync(reader, field)));
                }

                DataField[] fields = [.. tried.Where(column => column.Problem is null).Select(column => column.Field).OfType<DataField>()];
                string[] leftOut = [.. tried.Where(column => column.Problem is not null).Select(column => $"{column.Field.Name} ({column.Problem})")];
                return fields.Length > 0
                    ? new ParquetTable(reader, fields, leftOut, name)
                    : throw new UserInputException($"{name} has no column that can be used: {string.Join(", ", leftOut)}");
            }
            catch
            {
                await reader.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is not (UserInputException or UnauthorizedAccessException or OperationCanceledException))
        {
            // The library throws whatever its parser stumbles over.
            throw new UserInputException($"{name} is no sound Parquet file: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    public override async IAsyncEnumerable<(int Number, JsonNode?[] Values)> RowsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var number = 0;
        for (var group = 0; group < _reader.RowGroupCount; group++)
        {
            var columns = await ReadGroupAsync(group, cancellation);
            for (var row = 0; row < columns[0].Length; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return (++number, [.. columns.Select(column => column[row])]);
            }
        }
    }

    public override ValueTask DisposeAsync() => _reader.DisposeAsync();

    /// <summary>Why a column cannot be used, found by reading the beginning of the file; null for one that can.</summary>
    private static async Task<string?> ProblemOfAsync(ParquetReader reader, Field field)
    {
        if (field is not DataField { IsArray: false } flat)
        {
            return "nested values";
        }

        if (reader.RowGroupCount == 0)
        {
            return null;
        }

        try
        {
            using var rows = reader.OpenRowGroupReader(0);
            await ReadColumnAsync(rows, flat, checked((int)rows.RowCount), CancellationToken.None);
            return null;
        }
        catch (UserInputException refused)
        {
            return refused.Message;
        }
        catch (Exception e)
        {
            // The library reads no booleans that are run-length encoded, among others; the other columns are none the worse for it.
            return $"cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}";
        }
    }

    private async Task<JsonNode?[][]> ReadGroupAsync(int group, CancellationToken cancellation)
    {
        try
        {
            using var rows = _reader.OpenRowGroupReader(group);
            var columns = new JsonNode?[_fields.Length][];
            for (var i = 0; i < _fields.Length; i++)
            {
                columns[i] = await ReadColumnAsync(rows, _fields[i], checked((int)rows.RowCount), cancellation);
            }

            return columns;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new UserInputException($"{_name}, row group {group + 1}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static Task<JsonNode?[]> ReadColumnAsync(ParquetRowGroupReader rows, DataField field, int count, CancellationToken cancellation)
    {
        var type = Nullable.GetUnderlyingType(field.ClrType) ?? field.ClrType;
        return type == typeof(string) || type == typeof(ReadOnlyMemory<char>) ? StringsAsync()
            : type == typeof(bool) ? ValuesAsync<bool>(value => JsonValue.Create(value))
            : type == typeof(byte) ? ValuesAsync<byte>(value => JsonValue.Create(value))
            : type == typeof(sbyte) ? ValuesAsync<sbyte>(value => JsonValue.Create(value))
            : type == typeof(short) ? ValuesAsync<short>(value => JsonValue.Create(value))
            : type == typeof(ushort) ? ValuesAsync<ushort>(value => JsonValue.Create(value))
            : type == typeof(int) ? ValuesAsync<int>(value => JsonValue.Create(value))
            : type == typeof(uint) ? ValuesAsync<uint>(value => JsonValue.Create(value))
            : type == typeof(long) ? ValuesAsync<long>(value => JsonValue.Create(value))
            : type == typeof(ulong) ? ValuesAsync<ulong>(value => JsonValue.Create(value))
            : type == typeof(float) ? ValuesAsync<float>(value => float.IsFinite(value) ? JsonValue.Create(value) : null)
            : type == typeof(double) ? ValuesAsync<double>(value => double.IsFinite(value) ? JsonValue.Create(value) : null)
            : type == typeof(decimal) ? ValuesAsync<decimal>(value => JsonValue.Create(value))
            : type == typeof(DateTime) ? ValuesAsync<DateTime>(value => JsonValue.Create(value.ToString("O", CultureInfo.InvariantCulture)))
            : type == typeof(Guid) ? ValuesAsync<Guid>(value => JsonValue.Create(value.ToString()))
            : type == typeof(ReadOnlyMemory<byte>) || type == typeof(byte[]) ? ValuesAsync<ReadOnlyMemory<byte>>(TextOf)
            : throw new UserInputException($"values of the type {type.Name}");

        // Older writers do not mark their texts as such.
        static JsonNode? TextOf(ReadOnlyMemory<byte> bytes) =>
            Utf8.IsValid(bytes.Span) ? JsonValue.Create(Encoding.UTF8.GetString(bytes.Span)) : throw new UserInputException("bytes that are no text");

        async Task<JsonNode?[]> StringsAsync()
        {
            var values = new string?[count];
            await rows.ReadAsync(field, values.AsMemory()!, cancellationToken: cancellation);
            return [.. values.Select(value => value is null ? null : (JsonNode)JsonValue.Create(value))];
        }

        async Task<JsonNode?[]> ValuesAsync<T>(Func<T, JsonNode?> create)
            where T : struct
        {
            if (!field.IsNullable)
            {
                var values = new T[count];
                await rows.ReadAsync<T>(field, values.AsMemory(), cancellationToken: cancellation);
                return [.. values.Select(create)];
            }

            var optional = new T?[count];
            await rows.ReadAsync<T>(field, optional.AsMemory(), cancellationToken: cancellation);
            return [.. optional.Select(value => value is { } given ? create(given) : null)];
        }
    }
}
