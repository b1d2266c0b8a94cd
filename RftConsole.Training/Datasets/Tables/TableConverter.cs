using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.Tables;

/// <summary>The beginning of a table, for choosing what its columns become.</summary>
/// <param name="Columns">The columns' names.</param>
/// <param name="Rows">The first rows as text.</param>
/// <param name="LeftOut">Columns that cannot be used, each with the reason.</param>
public sealed record TablePreview(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> LeftOut);

/// <summary>Turns the rows of a table into training records, one a line.</summary>
public static class TableConverter
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The columns and the first rows.</summary>
    /// <exception cref="UserInputException">The file cannot be read.</exception>
    public static async Task<TablePreview> PreviewAsync(string path, int rows, CancellationToken cancellation = default)
    {
        await using var table = await TableFile.OpenAsync(path);
        var first = new List<IReadOnlyList<string>>();
        await foreach (var (_, values) in table.RowsAsync(cancellation))
        {
            first.Add([.. values.Take(table.Columns.Count).Select(Text)]);
            if (first.Count == rows)
            {
                break;
            }
        }

        return new TablePreview(table.Columns, first, table.LeftOut);
    }

    /// <summary>Writes one training record for each row, in the table's order; what is wrong with a record shows when it is checked.</summary>
    /// <exception cref="UserInputException">The file cannot be read, or a column is not there.</exception>
    public static async Task ConvertAsync(string path, TableColumns columns, string output, CancellationToken cancellation = default)
    {
        await using var table = await TableFile.OpenAsync(path);
        columns.Check(table.Columns);
        var positions = table.Columns.Index().ToDictionary(column => column.Item, column => column.Index);
        await using var target = VaultFiles.Create(output);
        await foreach (var (number, values) in table.RowsAsync(cancellation))
        {
            if (values.Length > table.Columns.Count)
            {
                throw new UserInputException($"{Path.GetFileName(path)}, line {number}: {values.Length} values for {table.Columns.Count} columns; a value that holds the separator must stand in quotes");
            }

            target.Write(JsonSerializer.SerializeToUtf8Bytes(Record(columns, name => values[positions[name]]), s_plain));
            target.WriteByte((byte)'\n');
        }
    }

    private static JsonObject Record(TableColumns columns, Func<string, JsonNode?> value)
    {
        var messages = new JsonArray();
        if (columns.Instructions is { } instructions && Text(value(instructions)) is { Length: > 0 } system)
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = system });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = Text(value(columns.Question)) });
        var record = new JsonObject { ["messages"] = messages };
        if (columns.Answer is { } answer && Text(value(answer)) is { Length: > 0 } reference)
        {
            record["reference_answer"] = reference;
        }

        if (columns.Id is { } id && Text(value(id)) is { Length: > 0 } given)
        {
            record["id"] = given;
        }

        foreach (var name in columns.Metadata)
        {
            record[name] = value(name)?.DeepClone();
        }

        return record;
    }

    private static string Text(JsonNode? value) => value is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : value?.ToJsonString(s_plain) ?? "";
}
