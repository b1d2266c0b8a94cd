using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace RftConsole.Training.Weights;

/// <summary>A read-only memory map of a file whose pages can be given back once they have been read.</summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private const int DontNeed = 4;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    /// <exception cref="WeightFormatException">The file is missing, empty, or cannot be opened.</exception>
    public MappedFile(string path)
    {
        Path = path;
        Length = new FileInfo(path) is { Exists: true } info ? info.Length : throw new WeightFormatException(path, null, "the file does not exist");
        if (Length == 0)
        {
            throw new WeightFormatException(path, null, "the file is empty");
        }

        try
        {
            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeightFormatException(path, null, $"cannot be read: {e.Message}", e);
        }

        try
        {
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _start = start;
        }
        catch
        {
            _view?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public long Length { get; }

    /// <exception cref="ArgumentOutOfRangeException">The stretch is not inside the file.</exception>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new(_start + offset, count);
    }

    /// <summary>
    /// Takes the pages of a stretch out of this process' memory; they come back when they are read again. Without it the whole file
    /// would stay resident beside the tensors made of it until the last one is read.
    /// </summary>
    public void Release(long offset, long count)
    {
        if (!OperatingSystem.IsLinux() || count <= 0)
        {
            return;
        }

        long page = Environment.SystemPageSize;
        long first = offset / page * page;

        // Advice: where the kernel declines, the pages merely stay until the file is closed.
        _ = MemoryAdvice(_start + first, (nuint)(offset + count - first), DontNeed);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvice(byte* address, nuint length, int advice);
}
