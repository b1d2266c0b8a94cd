using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;

using TorchSharp;

using RftConsole.Training.Storage;

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

    private readonly Mapping _mapping;
    private readonly byte* _data;

    private SafetensorsFile(string path, Mapping mapping, byte* data, Dictionary<string, SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        Path = path;
        _mapping = mapping;
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
        if (!File.Exists(path))
        {
            throw new WeightFormatException(path, null, "the file does not exist");
        }

        Mapping mapping = Mapping.Of(path);
        try
        {
            if (mapping.Length < 8)
            {
                throw new WeightFormatException(path, null, "shorter than the eight bytes of the header's length");
            }

            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(mapping.Start, 8));
            if (headerLength > MaxHeaderBytes || (long)headerLength > mapping.Length - 8)
            {
                throw new WeightFormatException(path, null, $"the header's length {headerLength} is larger than the file or than {MaxHeaderBytes} bytes");
            }

            var (entries, metadata) = ReadHeader(path, new ReadOnlySpan<byte>(mapping.Start + 8, (int)headerLength), mapping.Length - 8 - (long)headerLength);
            return new SafetensorsFile(path, mapping, mapping.Start + 8 + headerLength, entries, metadata);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor and widens it to fp32.</summary>
    /// <exception cref="WeightFormatException">There is no such tensor, it has another shape, or a value is not finite.</exception>
    public torch.Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Require(name, shape);
        var tensor = torch.empty(entry.Shape, torch.float32);
        var target = MemoryMarshal.Cast<byte, float>(tensor.bytes);
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

    public void Dispose() => _mapping.Dispose();

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

    /// <summary>A file's bytes: mapped, or of an encrypted one the plain text in memory that nothing else sees.</summary>
    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile? _file;
        private readonly MemoryMappedViewAccessor? _view;

        private Mapping(MemoryMappedFile file, long length)
        {
            (_file, Length) = (file, length);
            _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Start = start;
        }

        private Mapping(Stream plain)
        {
            Length = plain.Length;
            Start = (byte*)NativeMemory.Alloc((nuint)Math.Max(Length, 1));
            try
            {
                for (long read = 0; read < Length;)
                {
                    int part = (int)Math.Min(1 << 20, Length - read);
                    plain.ReadExactly(new Span<byte>(Start + read, part));
                    read += part;
                }
            }
            catch
            {
                NativeMemory.Free(Start);
                throw;
            }
        }

        public byte* Start { get; }

        public long Length { get; }

        public static Mapping Of(string path)
        {
            using Stream stream = VaultFiles.OpenRead(path);
            if (stream is not FileStream)
            {
                return new(stream);
            }

            // An empty file cannot be mapped.
            return stream.Length == 0 ? new(stream) : new(MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), stream.Length);
        }

        public void Dispose()
        {
            if (_view is null)
            {
                NativeMemory.Free(Start);
                return;
            }

            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }
}
