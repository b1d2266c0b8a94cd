using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Backup;

/// <summary>Brings a backup back: unpacked beside its place, each file compared with its hash, then put there by one rename.</summary>
public sealed class DataFolderRestore
{
    /// <summary>Of a manifest, which is read into memory: room for about a million files.</summary>
    private const long MostManifestBytes = 256L << 20;

    private readonly string _data;
    private readonly string _input;
    private readonly string _staging;

    /// <param name="data">The folder to write; it may exist where it is empty.</param>
    /// <param name="input">The archive.</param>
    /// <exception cref="UserInputException">The archive is missing, or the folder holds something.</exception>
    public DataFolderRestore(string data, string input)
    {
        _data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        _input = Path.GetFullPath(input);
        _staging = _data + ".restoring";
        if (!File.Exists(_input))
        {
            throw new UserInputException($"--input: {_input}: the file does not exist");
        }

        if (File.Exists(_data) || (Directory.Exists(_data) && Directory.EnumerateFileSystemEntries(_data).Any()))
        {
            throw new UserInputException($"--data: {_data} is not empty; nothing was restored: choose a folder that is new or empty");
        }
    }

    /// <summary>Restores; a failure leaves the folder as it was.</summary>
    /// <exception cref="UserInputException">The archive is cut, damaged, no backup or names files outside the folder.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public BackupResult Run(CancellationToken cancellationToken = default)
    {
        try
        {
            PrivateFolder.Delete(_staging);
            PrivateFolder.Create(_staging);
            BackupResult result = Unpack(cancellationToken);
            if (Directory.Exists(_data))
            {
                Directory.Delete(_data);
            }

            Directory.Move(_staging, _data);
            DurableFiles.FlushFolder(Path.GetDirectoryName(_data)!);
            return result;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException)
        {
            throw new UserInputException($"--input: {_input} is cut, damaged or no backup of a console ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); nothing was restored", e);
        }
        finally
        {
            PrivateFolder.Delete(_staging);
        }
    }

    private BackupResult Unpack(CancellationToken cancellationToken)
    {
        using ZipArchive archive = ZipFile.OpenRead(_input);
        BackupManifest manifest = ReadManifest(archive);
        Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);
        foreach (var entry in archive.Entries.Where(x => x.FullName != BackupManifest.EntryName))
        {
            if (!entries.TryAdd(entry.FullName, entry))
            {
                throw new InvalidDataException($"{entry.FullName} is in it twice");
            }
        }

        if (entries.Count != manifest.Files.Count)
        {
            throw new InvalidDataException($"it has {entries.Count} files, and its list has {manifest.Files.Count}");
        }

        foreach (BackupFile file in manifest.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Unpack(entries.GetValueOrDefault(file.Path) ?? throw new InvalidDataException($"{file.Path} is missing"), file);
        }

        return new(manifest.Files.Count, manifest.Files.Sum(x => x.Bytes));
    }

    private void Unpack(ZipArchiveEntry entry, BackupFile file)
    {
        string target = Inside(file.Path);
        PrivateFolder.Create(Path.GetDirectoryName(target)!);
        using Stream source = entry.Open();
        using FileStream writer = PrivateFolder.CreateFile(target);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 17];
        long bytes = 0;
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            bytes += read;
            if (bytes > file.Bytes)
            {
                break;
            }

            writer.Write(buffer, 0, read);
            hash.AppendData(buffer, 0, read);
        }

        if (bytes != file.Bytes || Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
        {
            throw new InvalidDataException($"{file.Path} is not what was backed up");
        }

        writer.Flush(flushToDisk: true);
    }

    private static BackupManifest ReadManifest(ZipArchive archive)
    {
        ZipArchiveEntry entry = archive.GetEntry(BackupManifest.EntryName) ?? throw new InvalidDataException("it has no list of its files");
        if (entry.Length > MostManifestBytes)
        {
            throw new InvalidDataException("the list of its files is too long");
        }

        using Stream content = entry.Open();
        BackupManifest? manifest = JsonSerializer.Deserialize<BackupManifest>(content, BackupManifest.Json);
        return manifest switch
        {
            { Format: > BackupManifest.CurrentFormat } => throw new InvalidDataException($"it was made by a newer version: format {manifest.Format}"),
            { Format: BackupManifest.CurrentFormat, Files: not null } => manifest,
            _ => throw new InvalidDataException("the list of its files cannot be read"),
        };
    }

    /// <summary>The file's place in the staged folder.</summary>
    /// <exception cref="InvalidDataException">It would be elsewhere.</exception>
    private string Inside(string path)
    {
        string[] parts = (path ?? "").Split('/');
        return parts.Any(x => x.Length == 0 || x is "." or ".." || x.Contains('\\', StringComparison.Ordinal) || x.Contains('\0', StringComparison.Ordinal))
            ? throw new InvalidDataException($"\"{path}\" is no path inside a data folder")
            : Path.Combine([_staging, .. parts]);
    }
}
