using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

using TorchSharp;

namespace RftConsole.Training.Weights;

/// <summary>One tensor of a safetensors file: its type (<c>F32</c>, <c>F16</c>, <c>BF16</c>), shape, and bytes relative to the data section.</summary>
public sealed record SafetensorsEntry(string Name, string Type, long[] Shape, long Begin, long End);

/// <summary>
/// A memory-mapped safetensors file: eight bytes of header length, a JSON header, then the data
/// (https://huggingface.co/docs/safetensors, "Format").
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const long MaxHeaderBytes = 100_000_000;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;

    private SafetensorsFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* data, Dictionary<string, SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        Path = path;
        _file = file;
        _view = view;
        _data = data;
        Entries = entries;
        Metadata = metadata;
    }

    public string Path { get; }

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The header's free text, by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="WeightFormatException">The file is not a sound safetensors file; the message names file and tensor.</exception>
    public static SafetensorsFile Open(string path)
    {
        long length = new FileInfo(path) is { Exists: true } info ? info.Length : throw new WeightFormatException(path, null, "the file does not exist");
        if (length < 8)
        {
            throw new WeightFormatException(path, null, "shorter than the eight bytes of the header's length");
        }

        var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor? view = null;
        byte* start = null;
        try
        {
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start, 8));
            if (headerLength > MaxHeaderBytes || (long)headerLength > length - 8)
            {
                throw new WeightFormatException(path, null, $"the header's length {headerLength} is larger than the file or than {MaxHeaderBytes} bytes");
            }

            var (entries, metadata) = ReadHeader(path, new ReadOnlySpan<byte>(start + 8, (int)headerLength), length - 8 - (long)headerLength);
            return new SafetensorsFile(path, file, view, start + 8 + headerLength, entries, metadata);
        }
        catch
        {
            if (start != null)
            {
                view!.SafeMemoryMappedViewHandle.ReleasePointer();
            }

            view?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor and widens it to fp32.</summary>
    /// <exception cref="WeightFormatException">There is no such tensor, it has another shape, or a value is not finite.</exception>
    public torch.Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Require(name, shape);
        var tensor = torch.empty(entry.Shape, torch.float32);
        var target = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.bytes);
        Widen.ToSingle(entry.Type, new ReadOnlySpan<byte>(_data + entry.Begin, checked((int)(entry.End - entry.Begin))), target);
        if (!Widen.AllFinite(target))
        {
            tensor.Dispose();
            throw new WeightFormatException(Path, name, "holds a value that is not finite");
        }

        return tensor;
    }

    /// <summary>The description of a tensor.</summary>
    /// <exception cref="WeightFormatException">There is no such tensor, or it has another shape.</exception>
    public SafetensorsEntry Require(string name, params ReadOnlySpan<long> shape)
    {
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new WeightFormatException(Path, name, "the tensor is missing");
        }

        if (shape.Length > 0 && !shape.SequenceEqual(entry.Shape))
        {
            throw new WeightFormatException(Path, name, $"shape [{string.Join(", ", entry.Shape)}] where the configuration asks for [{string.Join(", ", shape.ToArray())}]");
        }

        return entry;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) ReadHeader(string path, ReadOnlySpan<byte> header, long dataLength)
    {
        try
        {
            using var document = JsonDocument.Parse(header.ToArray());
            var entries = new Dictionary<string, SafetensorsEntry>();
            var metadata = new Dictionary<string, string>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    metadata = property.Value.EnumerateObject().Where(x => x.Value.ValueKind == JsonValueKind.String).DistinctBy(x => x.Name).ToDictionary(x => x.Name, x => x.Value.GetString()!);
                }
                else if (!entries.TryAdd(property.Name, ReadEntry(path, property, dataLength)))
                {
                    throw new WeightFormatException(path, property.Name, "stands twice in the header");
                }
            }

            CheckNoOverlap(path, entries.Values);
            return (entries, metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new WeightFormatException(path, null, "the header is not the JSON that the format asks for", e);
        }
    }

    private static SafetensorsEntry ReadEntry(string path, JsonProperty property, long dataLength)
    {
        string type = property.Value.GetProperty("dtype").GetString()!;
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(x => x.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(x => x.GetInt64())];
        int size = Widen.BytesPerValue(type) ?? throw new WeightFormatException(path, property.Name, $"type {type} is not supported (F32, F16, BF16)");
        if (shape.Any(x => x < 0) || offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > dataLength || offsets[1] - offsets[0] > int.MaxValue)
        {
            throw new WeightFormatException(path, property.Name, "shape or offsets lie outside the file");
        }

        if (checked(shape.Aggregate((long)size, (x, y) => checked(x * y))) != offsets[1] - offsets[0])
        {
            throw new WeightFormatException(path, property.Name, $"{offsets[1] - offsets[0]} bytes do not make [{string.Join(", ", shape)}] of {type}");
        }

        return new(property.Name, type, shape, offsets[0], offsets[1]);
    }

    private static void CheckNoOverlap(string path, IEnumerable<SafetensorsEntry> entries)
    {
        long end = 0;
        foreach (var entry in entries.Where(x => x.End > x.Begin).OrderBy(x => x.Begin))
        {
            if (entry.Begin < end)
            {
                throw new WeightFormatException(path, entry.Name, "overlaps another tensor");
            }

            end = entry.End;
        }
    }
}
