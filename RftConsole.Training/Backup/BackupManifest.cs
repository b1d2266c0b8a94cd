using System.Text.Json;

namespace RftConsole.Training.Backup;

/// <summary>What an archive says of itself: the last entry of the zip, so that an archive without it was cut off.</summary>
/// <param name="Format">Of this record: <see cref="CurrentFormat"/>.</param>
/// <param name="CreatedAt">When the backup was made.</param>
/// <param name="Files">Every file of the archive, in its order.</param>
internal sealed record BackupManifest(int Format, DateTimeOffset CreatedAt, IReadOnlyList<BackupFile> Files)
{
    public const int CurrentFormat = 1;

    /// <summary>The entry's name; no file of a data folder begins so.</summary>
    public const string EntryName = ".rftconsole-backup.json";

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);
}

/// <summary>A file of a backup.</summary>
/// <param name="Path">Relative to the data folder, with <c>/</c>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">In lower-case hexadecimal.</param>
internal sealed record BackupFile(string Path, long Bytes, string Sha256);

/// <summary>What a backup or a restore came to.</summary>
/// <param name="Files">Number of files.</param>
/// <param name="Bytes">Their size, unpacked.</param>
public sealed record BackupResult(int Files, long Bytes);
