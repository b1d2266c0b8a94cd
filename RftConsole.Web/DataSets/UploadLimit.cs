namespace RftConsole.Web.DataSets;

/// <summary>The largest file that the console takes.</summary>
public sealed record UploadLimit(long Bytes)
{
    /// <summary>1 GB: records are checked in memory, and no data set within the original's 20,000 rows comes near it.</summary>
    public const long DefaultBytes = 1L << 30;
}
