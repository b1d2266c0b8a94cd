using System.Globalization;

using RftConsole.Training;
using RftConsole.Web.Storage;

namespace RftConsole.Web.DataSets;

/// <summary>The largest file that the console takes.</summary>
public interface IUploadLimit
{
    Task<long> BytesAsync(CancellationToken cancellationToken = default);

    /// <exception cref="UserInputException">It is outside 1 MB to 1 TB.</exception>
    Task SetAsync(long bytes, CancellationToken cancellationToken = default);
}

/// <summary>The limit as a setting of the console.</summary>
internal sealed class UploadLimit(SettingStore settings) : IUploadLimit
{
    /// <summary>Far above what the original's 20,000 rows come to.</summary>
    public const long DefaultBytes = 1L << 30;

    private const string Key = "uploads.limit";
    private const long Least = 1L << 20;
    private const long Most = 1L << 40;

    public async Task<long> BytesAsync(CancellationToken cancellationToken = default) =>
        await settings.FindAsync(Key, cancellationToken) is { } stored ? long.Parse(stored, CultureInfo.InvariantCulture) : DefaultBytes;

    public Task SetAsync(long bytes, CancellationToken cancellationToken = default) => bytes is >= Least and <= Most
        ? settings.SetAsync(Key, bytes.ToString(CultureInfo.InvariantCulture), cancellationToken)
        : throw new UserInputException("Largest upload: give a size from 1 MB to 1 TB.");

    /// <summary>The message names the limit.</summary>
    public static DataSetTooLargeException TooLarge(long bytes) =>
        new($"The file is larger than {Components.Controls.Display.Bytes(bytes)}, the most that the console takes: split it, leave out records, or raise the limit in the settings.");
}
