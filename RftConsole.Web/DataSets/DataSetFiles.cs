using System.Security.Cryptography;

using RftConsole.Training.Datasets;
using RftConsole.Training.Storage;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>What was found in a file of training records.</summary>
/// <param name="Check">What is kept and shown of it.</param>
/// <param name="Rejected">All lines that cannot be used.</param>
/// <param name="Bytes">The file's size.</param>
/// <param name="Sha256">Of the file, in lower-case hexadecimal.</param>
internal sealed record CheckedFile(DataSetCheck Check, IReadOnlyList<RejectedLine> Rejected, long Bytes, string Sha256);

/// <summary>The files of data sets: where they lie, and what is in them.</summary>
internal static class DataSetFiles
{
    /// <exception cref="DataSetRefusedException">No line of it is a training record.</exception>
    public static async Task<CheckedFile> CheckAsync(string file, string name, CancellationToken cancellationToken)
    {
        (DatasetSummary summary, _) = await DatasetScan.RunAsync(file, keepFirst: DataSetPreview.MostRecords, cancellation: cancellationToken);
        DataSetCheck check = DataSetPreview.Summarize(summary);
        if (check.Accepted == 0)
        {
            throw new DataSetRefusedException(
                check.RejectedCount == 0 ? $"{name} is empty: each line must be one training record." : $"No line of {name} is a training record; the file was not kept.",
                check.Rejected);
        }

        await using Stream content = VaultFiles.OpenRead(file);
        return new(check, summary.Rejected, content.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)));
    }

    public static UploadedDataSet Describe(DataFolder folder, DataSetRow row) =>
        new(row.Id, row.Name, Path.Combine(folder.DataSetFolder(row.Id, row.Version), row.FileName), row.Rows, row.RejectedRows, row.Bytes, row.Sha256, row.CreatedAt) { Version = row.Version };

    /// <summary>A data set as one of its versions is, or was.</summary>
    public static UploadedDataSet Describe(DataFolder folder, DataSetRow row, DataSetVersionRow version) =>
        new(row.Id, row.Name, Path.Combine(folder.DataSetFolder(row.Id, version.Number), row.FileName), version.Rows, version.RejectedRows, version.Bytes, version.Sha256, row.CreatedAt) { Version = version.Number };

    /// <summary>Where the check of a version stands, for <see cref="RowTexts"/>.</summary>
    public static string CheckPlace(string id, int version) => FormattableString.Invariant($"DataSets/{id}/{version}/Check");

    /// <summary>Where the edit that made a version stands.</summary>
    public static string EditPlace(string id, int version) => FormattableString.Invariant($"DataSets/{id}/{version}/Edit");

    /// <summary>The version that a row stands for now.</summary>
    public static DataSetVersionRow VersionOf(DataSetRow row, DateTimeOffset created) => new()
    {
        DataSetId = row.Id,
        Number = row.Version,
        Rows = row.Rows,
        RejectedRows = row.RejectedRows,
        Bytes = row.Bytes,
        Sha256 = row.Sha256,
        CreatedAt = created,
        CheckJson = row.CheckJson,
    };

    /// <summary>Makes a version the one that a row stands for.</summary>
    public static void MakeCurrent(DataSetRow row, DataSetVersionRow version)
    {
        (row.Version, row.Rows, row.RejectedRows) = (version.Number, version.Rows, version.RejectedRows);
        (row.Bytes, row.Sha256, row.CheckJson) = (version.Bytes, version.Sha256, version.CheckJson);
    }

    public static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
