namespace RftConsole.Web.Storage;

/// <summary>An uploaded data set.</summary>
internal sealed class DataSetRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>The file's name in the data set's folder.</summary>
    public string FileName { get; set; } = "";

    public int Rows { get; set; }

    public int RejectedRows { get; set; }

    public long Bytes { get; set; }

    public required string Sha256 { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string CheckJson { get; set; }
}
