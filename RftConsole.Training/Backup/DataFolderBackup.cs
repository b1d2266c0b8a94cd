using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Backup;

/// <summary>
/// The whole data folder of a console in one zip archive, also while the console runs. Order makes it consistent: first each job's folder as it is at one moment,
/// then the database, which therefore knows at least the steps of every checkpoint, then all that rows refer to, which is there before its row.
/// A job that ends in between makes it begin again.
/// </summary>
public sealed class DataFolderBackup
{
    private const int Attempts = 10;

    private static readonly string[] s_incompressible = [".safetensors", ".gguf", ".gz", ".zip", ".parquet"];

    private readonly string _data;
    private readonly string _output;
    private readonly string _staging;
    private readonly TimeProvider _time;

    /// <param name="data">The console's data folder.</param>
    /// <param name="output">The archive to write.</param>
    /// <param name="time">For the archive's date.</param>
    /// <exception cref="UserInputException">It is no data folder, or the archive exists already or would lie inside the folder.</exception>
    public DataFolderBackup(string data, string output, TimeProvider? time = null)
    {
        _data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        _output = Path.GetFullPath(output);
        _staging = _output + ".staging";
        _time = time ?? TimeProvider.System;
        if (!Directory.Exists(_data))
        {
            throw new UserInputException($"--data: {_data}: the folder does not exist");
        }

        if (!File.Exists(Path.Combine(_data, DataFolderLayout.Database)))
        {
            throw new UserInputException($"--data: {_data} is no data folder of a console: it has no {DataFolderLayout.Database}");
        }

        if (Path.Exists(_output))
        {
            throw new UserInputException($"--output: {_output} exists already; choose another name");
        }

        if (_output.StartsWith(_data + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new UserInputException($"--output: {_output} lies inside the data folder; choose a place outside of it");
        }
    }

    /// <summary>Writes the archive; a failure leaves nothing behind.</summary>
    /// <exception cref="IOException">The folder cannot be read, or the archive cannot be written.</exception>
    /// <exception cref="UserInputException">The database is damaged.</exception>
    public BackupResult Run(CancellationToken cancellationToken = default)
    {
        string staged = Path.Combine(_staging, "archive.zip");
        try
        {
            PrivateFolder.Delete(_staging);
            PrivateFolder.Create(_staging);
            TakeJobsAndDatabase(cancellationToken);
            BackupResult result;
            using (FileStream file = PrivateFolder.CreateFile(staged))
            {
                result = Write(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(staged, _output);
            DurableFiles.FlushFolder(Path.GetDirectoryName(_output)!);
            return result;
        }
        catch (InvalidDataException e)
        {
            throw new UserInputException(e.Message, e);
        }
        finally
        {
            PrivateFolder.Delete(_staging);
        }
    }

    private void TakeJobsAndDatabase(CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Dictionary<string, string> ends = EndMarks();
            foreach (string job in ends.Keys)
            {
                JobSnapshot.Take(Path.Combine(_data, DataFolderLayout.Jobs, job), Path.Combine(_staging, DataFolderLayout.Jobs, job));
            }

            DatabaseCopy.Make(Path.Combine(_data, DataFolderLayout.Database), Path.Combine(_staging, DataFolderLayout.Database));
            // Jobs that were deleted meanwhile do no harm; one that is new, or has ended, the database may know better than its copy.
            if (EndMarks().All(x => ends.TryGetValue(x.Key, out string? before) && before == x.Value))
            {
                return;
            }

            if (attempt == Attempts)
            {
                throw new IOException($"{_data}: jobs kept beginning and ending while they were copied; try again");
            }

            PrivateFolder.Delete(_staging);
            PrivateFolder.Create(_staging);
        }
    }

    private Dictionary<string, string> EndMarks()
    {
        string jobs = Path.Combine(_data, DataFolderLayout.Jobs);
        return Directory.Exists(jobs) ? Directory.EnumerateDirectories(jobs).ToDictionary(x => Path.GetFileName(x), JobSnapshot.EndMark) : [];
    }

    private BackupResult Write(Stream target, CancellationToken cancellationToken)
    {
        List<BackupFile> files = [];
        using ZipArchive archive = new(target, ZipArchiveMode.Create, leaveOpen: true);
        foreach (string file in DataFolderLayout.Files(_staging).Where(x => x != "archive.zip"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files.Add(Add(archive, _staging, file));
        }

        foreach (string file in DataFolderLayout.Files(_data).Where(x => x != DataFolderLayout.Database && !x.StartsWith(DataFolderLayout.Jobs + "/", StringComparison.Ordinal)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                files.Add(Add(archive, _data, file));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Deleted since the folder was read.
            }
        }

        using (Stream manifest = archive.CreateEntry(BackupManifest.EntryName).Open())
        {
            JsonSerializer.Serialize(manifest, new BackupManifest(BackupManifest.CurrentFormat, _time.GetUtcNow(), files), BackupManifest.Json);
        }

        return new(files.Count, files.Sum(x => x.Bytes));
    }

    private static BackupFile Add(ZipArchive archive, string root, string file)
    {
        using FileStream source = new(Path.Combine(root, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var level = s_incompressible.Contains(Path.GetExtension(file), StringComparer.Ordinal) ? CompressionLevel.NoCompression : CompressionLevel.Fastest;
        using Stream entry = archive.CreateEntry(file, level).Open();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 17];
        long bytes = 0;
        for (int read; (read = source.Read(buffer)) > 0; bytes += read)
        {
            entry.Write(buffer, 0, read);
            hash.AppendData(buffer, 0, read);
        }

        return new(file, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
