using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;

using TorchSharp;

using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;

namespace RftConsole.Training.Weights;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes fp32 tensors, by name in ordinal order, as <c>F32</c>, or rounded to <c>BF16</c> or <c>F16</c>.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, torch.Tensor> tensors, string type = "F32", params IEnumerable<(string Name, string Value)> metadata)
    {
        if (type is not ("F32" or "BF16" or "F16"))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "F32, BF16 or F16");
        }

        var names = tensors.Keys.Order(StringComparer.Ordinal).ToArray();
        var header = new Dictionary<string, object> { ["__metadata__"] = metadata.Prepend(("format", "pt")).ToDictionary(x => x.Item1, x => x.Item2) };
        long offset = 0;
        foreach (string name in names)
        {
            long end = offset + (tensors[name].NumberOfElements * Widen.BytesPerValue(type)!.Value);
            header[name] = new { dtype = type, shape = tensors[name].shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        // Padded with blanks, so that the data begins at a multiple of eight.
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        int padded = (json.Length + 7) / 8 * 8;
        byte[] prefix = new byte[8 + padded];
        prefix.AsSpan(8).Fill((byte)' ');
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded);
        json.CopyTo(prefix, 8);

        using (var stream = VaultFiles.Create(path))
        {
            stream.Write(prefix);
            foreach (string name in names)
            {
                using var contiguous = tensors[name].detach().contiguous();
                Span<byte> values = contiguous.bytes;
                stream.Write(type == "F32" ? values : Narrow(values, type));
            }
        }

        DurableFiles.Flush(path);
    }

    private static byte[] Narrow(Span<byte> values, string type)
    {
        var source = MemoryMarshal.Cast<byte, float>(values);
        byte[] bytes = new byte[source.Length * 2];
        if (type == "F16")
        {
            TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(bytes.AsSpan()));
            return bytes;
        }

        var target = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = Widen.ToBFloat16(source[i]);
        }

        return bytes;
    }
}
