namespace RftConsole.Web.Storage;

/// <summary>A data set of the library, with the facts of its current version.</summary>
internal sealed class DataSetRow
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>The file's name in the folder of each version.</summary>
    public string FileName { get; set; } = "";

    /// <summary>Which of its versions is current.</summary>
    public int Version { get; set; } = 1;

    public int Rows { get; set; }

    public int RejectedRows { get; set; }

    public long Bytes { get; set; }

    public required string Sha256 { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string CheckJson { get; set; }
}

/// <summary>One version of a data set; its file never changes.</summary>
internal sealed class DataSetVersionRow
{
    public required string DataSetId { get; set; }

    /// <summary>Counts from 1, the file as it came.</summary>
    public int Number { get; set; }

    /// <summary>The version that was edited; null for the file as it came.</summary>
    public int? Parent { get; set; }

    /// <summary>What was edited; null for the file as it came.</summary>
    public string? EditJson { get; set; }

    public int Rows { get; set; }

    public int RejectedRows { get; set; }

    public long Bytes { get; set; }

    public required string Sha256 { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string CheckJson { get; set; }
}
