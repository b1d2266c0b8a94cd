using System.Runtime.InteropServices;

using TorchSharp;

namespace RftConsole.Training.Weights;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">GGUF's name, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">Slowest dimension first, as everywhere in this engine; the file has them the other way round.</param>
/// <param name="Offset">Bytes from the file's beginning.</param>
/// <param name="ByteCount">Bytes of the stored values.</param>
internal sealed record GgufTensor(string Name, GgufType Type, long[] Shape, long Offset, long ByteCount)
{
    /// <summary>Values of the fastest dimension, which is stored in whole blocks.</summary>
    public long Columns => Shape[^1];

    public long Rows => Shape.Length == 1 ? 1 : Shape[..^1].Aggregate(1L, (x, y) => x * y);

    public long RowBytes => Columns / Type.ValuesPerBlock * Type.BytesPerBlock;
}

/// <summary>A memory-mapped GGUF file, version 2 or 3: header, metadata, tensor descriptions, aligned data.</summary>
/// <remarks>Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.</remarks>
internal sealed class GgufFile : IDisposable
{
    private const uint Magic = 0x46554747;
    private const int MostTensors = 1 << 16;
    private const int MostDimensions = 4;

    /// <summary>Rows are decoded in pieces, because a span cannot hold a tensor above 2 GiB.</summary>
    private const long ValuesPerPiece = 1 << 24;

    private readonly MappedFile _file;

    private GgufFile(MappedFile file, GgufMetadata metadata, Dictionary<string, GgufTensor> tensors)
    {
        _file = file;
        Metadata = metadata;
        Tensors = tensors;
    }

    public string Path => _file.Path;

    public GgufMetadata Metadata { get; }

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <exception cref="WeightFormatException">The file is not a sound GGUF file, or of a kind that is not supported.</exception>
    public static GgufFile Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            var cursor = new GgufCursor(file);
            if (cursor.UInt32("the magic number") != Magic)
            {
                throw new WeightFormatException(path, null, "does not begin with GGUF: not a GGUF file");
            }

            uint version = cursor.UInt32("the version");
            if (version is not (2 or 3))
            {
                throw new WeightFormatException(path, null, (version & 0xffff) == 0 ? "a big-endian GGUF file; only little-endian ones are supported" : $"GGUF version {version} is not supported (2, 3)");
            }

            ulong tensorCount = cursor.UInt64("the number of tensors");
            var metadata = GgufMetadata.Read(cursor, cursor.UInt64("the number of metadata keys"));
            if (metadata.Integer("split.count") is > 1 and var parts)
            {
                throw new WeightFormatException(path, null, $"one of {parts} parts of a split model; join them first (llama-gguf-split --merge)");
            }

            return new(file, metadata, ReadTensors(cursor, tensorCount, file.Length, metadata.Integer("general.alignment") ?? 32));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Decodes a tensor into a new fp32 tensor, row by row, without anything in between.</summary>
    /// <param name="name">GGUF's name.</param>
    /// <param name="shape">The shape that the configuration asks for.</param>
    /// <param name="storedRow">Which stored row becomes a given row; the same one where it is null.</param>
    /// <exception cref="WeightFormatException">It is missing, not of this shape, or holds a value that is not finite.</exception>
    public torch.Tensor Read(string name, ReadOnlySpan<long> shape, Func<long, long>? storedRow = null)
    {
        var tensor = Require(name, shape);
        var result = torch.empty(tensor.Shape, torch.float32);
        try
        {
            using var rows = result.view(tensor.Rows, tensor.Columns);
            long perPiece = Math.Max(1, ValuesPerPiece / tensor.Columns);
            for (long first = 0; first < tensor.Rows; first += perPiece)
            {
                DecodePiece(tensor, rows, first, Math.Min(perPiece, tensor.Rows - first), storedRow);
            }
        }
        catch
        {
            result.Dispose();
            throw;
        }
        finally
        {
            _file.Release(tensor.Offset, tensor.ByteCount);
        }

        return result;
    }

    /// <summary>The description of a tensor.</summary>
    /// <exception cref="WeightFormatException">It is missing, or not of this shape.</exception>
    public GgufTensor Require(string name, ReadOnlySpan<long> shape)
    {
        if (!Tensors.TryGetValue(name, out var tensor))
        {
            throw new WeightFormatException(Path, name, "the tensor is missing");
        }

        if (!shape.SequenceEqual(tensor.Shape))
        {
            throw new WeightFormatException(Path, name, $"shape [{string.Join(", ", tensor.Shape)}] where the metadata asks for [{string.Join(", ", shape.ToArray())}]");
        }

        return tensor;
    }

    /// <summary>Decodes a small tensor that is not one of the weights.</summary>
    /// <exception cref="WeightFormatException">It holds a value that is not finite.</exception>
    public float[] Values(GgufTensor tensor)
    {
        float[] values = new float[tensor.Rows * tensor.Columns];
        tensor.Type.Decode(_file.Bytes(tensor.Offset, checked((int)tensor.ByteCount)), values);
        return Widen.AllFinite(values) ? values : throw new WeightFormatException(Path, tensor.Name, "holds a value that is not finite");
    }

    public void Dispose() => _file.Dispose();

    private void DecodePiece(GgufTensor tensor, torch.Tensor rows, long first, long count, Func<long, long>? storedRow)
    {
        using var piece = rows.narrow(0, first, count);
        var values = MemoryMarshal.Cast<byte, float>(piece.bytes);
        int columns = (int)tensor.Columns;
        if (storedRow is null)
        {
            tensor.Type.Decode(_file.Bytes(tensor.Offset + (first * tensor.RowBytes), checked((int)(count * tensor.RowBytes))), values);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                tensor.Type.Decode(_file.Bytes(tensor.Offset + (storedRow(first + i) * tensor.RowBytes), (int)tensor.RowBytes), values.Slice(i * columns, columns));
            }
        }

        if (!Widen.AllFinite(values))
        {
            throw new WeightFormatException(Path, tensor.Name, "holds a value that is not finite");
        }
    }

    private static Dictionary<string, GgufTensor> ReadTensors(GgufCursor cursor, ulong count, long length, long alignment)
    {
        if (alignment is < 8 or > 1 << 20 || (alignment & (alignment - 1)) != 0)
        {
            throw new WeightFormatException(cursor.Path, "general.alignment", $"{alignment} is not a power of two from 8 to {1 << 20}");
        }

        // A name's length, the number of dimensions, one of them, type and offset are the least that a description takes.
        if (count > MostTensors || count > (ulong)(cursor.Remaining / 32))
        {
            throw new WeightFormatException(cursor.Path, null, $"{count} tensors are more than the file can hold, or than {MostTensors}");
        }

        var described = new List<GgufTensor>((int)count);
        for (ulong i = 0; i < count; i++)
        {
            described.Add(ReadTensor(cursor, i));
        }

        long data = (cursor.Position + alignment - 1) / alignment * alignment;
        var tensors = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        foreach (var tensor in described)
        {
            if (tensor.Offset % alignment != 0 || tensor.Offset > length - data - tensor.ByteCount)
            {
                throw new WeightFormatException(cursor.Path, tensor.Name, $"{tensor.ByteCount} bytes at offset {tensor.Offset} lie outside the file's data, or not at a multiple of {alignment}");
            }

            if (!tensors.TryAdd(tensor.Name, tensor with { Offset = data + tensor.Offset }))
            {
                throw new WeightFormatException(cursor.Path, tensor.Name, "the tensor stands twice in the file");
            }
        }

        CheckNoOverlap(cursor.Path, tensors.Values);
        return tensors;
    }

    /// <returns>The tensor with its offset in the data section.</returns>
    private static GgufTensor ReadTensor(GgufCursor cursor, ulong index)
    {
        string name = cursor.Text($"tensor {index}");
        uint dimensions = cursor.UInt32(name);
        if (dimensions is 0 or > MostDimensions)
        {
            throw new WeightFormatException(cursor.Path, name, $"{dimensions} dimensions; 1 to {MostDimensions} are possible");
        }

        long[] shape = new long[dimensions];
        long values = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong size = cursor.UInt64(name);
            if (size == 0 || size > int.MaxValue || (ulong)values > (ulong)long.MaxValue / 8 / size)
            {
                throw new WeightFormatException(cursor.Path, name, $"a dimension of {size} is not possible");
            }

            shape[i] = (long)size;
            values *= shape[i];
        }

        uint number = cursor.UInt32(name);
        var type = GgufType.Find(number)
            ?? throw new WeightFormatException(cursor.Path, name, $"type {GgufType.NameOf(number)} is not supported ({string.Join(", ", GgufType.Supported.Select(x => x.Name))})");
        if (shape[^1] % type.ValuesPerBlock != 0)
        {
            throw new WeightFormatException(cursor.Path, name, $"rows of {shape[^1]} values do not make whole blocks of {type.ValuesPerBlock} ({type.Name})");
        }

        ulong offset = cursor.UInt64(name);
        return offset <= long.MaxValue
            ? new(name, type, shape, (long)offset, values / type.ValuesPerBlock * type.BytesPerBlock)
            : throw new WeightFormatException(cursor.Path, name, $"offset {offset} lies outside the file");
    }

    private static void CheckNoOverlap(string path, IEnumerable<GgufTensor> tensors)
    {
        long end = 0;
        foreach (var tensor in tensors.OrderBy(x => x.Offset))
        {
            if (tensor.Offset < end)
            {
                throw new WeightFormatException(path, tensor.Name, "overlaps another tensor");
            }

            end = tensor.Offset + tensor.ByteCount;
        }
    }
}
