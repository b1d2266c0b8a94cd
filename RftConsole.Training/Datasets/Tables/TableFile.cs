using System.Text.Json.Nodes;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.Tables;

/// <summary>A table with named columns, read row by row.</summary>
public abstract class TableFile : IAsyncDisposable
{
    /// <summary>The columns' names, in the file's order.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Columns that cannot be used, each with the reason.</summary>
    public virtual IReadOnlyList<string> LeftOut => [];

    /// <summary>Opens a CSV file (comma, semicolon, tab or bar; plain or gzip) or a Parquet file, by what it holds.</summary>
    /// <exception cref="UserInputException">It is missing, cannot be read, or has no columns.</exception>
    public static async Task<TableFile> OpenAsync(string path)
    {
        try
        {
            return await IsParquetAsync(path) ? await ParquetTable.OpenParquetAsync(path) : CsvTable.OpenCsv(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw DataFile.Unreadable(Path.GetFileName(path), e);
        }
    }

    /// <summary>The rows, each with its number for reports: the line where a CSV record begins, or the row, counted from 1.</summary>
    /// <exception cref="UserInputException">The file is damaged.</exception>
    public abstract IAsyncEnumerable<(int Number, JsonNode?[] Values)> RowsAsync(CancellationToken cancellation = default);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();

    private static async Task<bool> IsParquetAsync(string path)
    {
        var start = new byte[4];
        await using var stream = VaultFiles.OpenRead(path);
        return await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual("PAR1"u8);
    }
}
