using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

using Parquet;
using Parquet.Schema;

namespace RftConsole.Training.Datasets.Tables;

/// <summary>The flat columns of a Parquet file; nested ones are left out.</summary>
internal sealed class ParquetTable : TableFile
{
    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;
    private readonly string _name;

    private ParquetTable(ParquetReader reader, DataField[] fields, string name)
    {
        (_reader, _fields, _name) = (reader, fields, name);
        Columns = [.. fields.Select(field => field.Name)];
    }

    public override IReadOnlyList<string> Columns { get; }

    public static async Task<ParquetTable> OpenParquetAsync(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            var reader = await ParquetReader.CreateAsync(path);
            DataField[] fields = [.. reader.Schema.Fields.OfType<DataField>().Where(field => !field.IsArray)];
            return fields.Length > 0 ? new ParquetTable(reader, fields, name) : throw new UserInputException($"{name} has no column of plain values");
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
        catch (Exception e) when (e is not (UserInputException or OperationCanceledException))
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
            : throw new UserInputException($"column \"{field.Name}\" is of the type {type.Name}, which cannot become JSON");

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
