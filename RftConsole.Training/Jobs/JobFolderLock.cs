using System.Globalization;

namespace RftConsole.Training.Jobs;

/// <summary>
/// Held while a run works in a job's folder: two runs in one folder would write over each other. The kernel lets go of it when the process ends,
/// however it ends.
/// </summary>
internal sealed class JobFolderLock : IDisposable
{
    /// <summary>EAGAIN on Linux: somebody else holds the lock.</summary>
    private const int TryAgain = 11;

    private readonly FileStream _file;

    private JobFolderLock(FileStream file) => _file = file;

    /// <summary>Creates the folder where it is missing, and locks it.</summary>
    /// <exception cref="UserInputException">It cannot be written, or another run works in it.</exception>
    public static JobFolderLock Take(JobFolder folder)
    {
        try
        {
            Directory.CreateDirectory(folder.Path);

            // Open for reading: a file that is open for writing would keep the file system from being made read-only.
            var file = new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.Read, FileShare.None, bufferSize: 0);
            try
            {
                UnlockedFile.Write(folder.Lock, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return new(file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (IOException e) when (e.HResult == TryAgain)
        {
            throw new UserInputException($"{folder.Path}: {Holder(folder)} works in this folder; wait until it has ended, or choose another output folder", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{folder.Path}: the folder cannot be written ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(JobFolder folder) =>
        int.TryParse(UnlockedFile.Read(folder.Lock), CultureInfo.InvariantCulture, out int process) ? $"another run (process {process})" : "another run";
}
