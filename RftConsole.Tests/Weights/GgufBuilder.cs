using System.Text;

using RftConsole.Training.Weights;

namespace RftConsole.Tests.Weights;

/// <summary>Writes GGUF files, version 3, as the format's specification describes them: independent of the reader.</summary>
internal sealed class GgufBuilder
{
    private const int Alignment = 32;

    private readonly MemoryStream _metadata = new();
    private readonly List<(string Name, ulong[] Dimensions, uint Type, byte[] Data)> _tensors = [];
    private ulong _keys;

    public GgufBuilder Text(string key, string value) => Key(key, 8, x => Write(x, value));

    public GgufBuilder UInt32(string key, int value) => Key(key, 4, x => x.Write((uint)value));

    public GgufBuilder Single(string key, double value) => Key(key, 6, x => x.Write((float)value));

    public GgufBuilder Switch(string key, bool value) => Key(key, 7, x => x.Write((byte)(value ? 1 : 0)));

    public GgufBuilder Texts(string key, IReadOnlyCollection<string> values) => Key(key, 9, x =>
    {
        x.Write(8u);
        x.Write((ulong)values.Count);
        foreach (string value in values)
        {
            Write(x, value);
        }
    });

    public GgufBuilder Int32s(string key, IReadOnlyCollection<int> values) => Key(key, 9, x =>
    {
        x.Write(5u);
        x.Write((ulong)values.Count);
        foreach (int value in values)
        {
            x.Write(value);
        }
    });

    /// <param name="name">GGUF's name.</param>
    /// <param name="shape">Slowest dimension first; the file has them the other way round.</param>
    /// <param name="type">The number of the type.</param>
    /// <param name="data">Its blocks.</param>
    public GgufBuilder Tensor(string name, long[] shape, uint type, byte[] data)
    {
        _tensors.Add((name, [.. shape.Reverse().Select(x => (ulong)x)], type, data));
        return this;
    }

    public GgufBuilder Floats(string name, long[] shape, float[] values) => Tensor(name, shape, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A tensor of seeded blocks whose scales are small positive numbers.</summary>
    public GgufBuilder Random(string name, long[] shape, string type, Random random)
    {
        var known = GgufType.Supported.Single(x => x.Name == type);
        byte[] data = new byte[shape.Aggregate(1L, (x, y) => x * y) / known.ValuesPerBlock * known.BytesPerBlock];
        random.NextBytes(data);
        Span<int> scales = type switch { "Q4_0" or "Q5_0" or "Q8_0" => [0], "Q3_K" => [108], "Q6_K" => [208], _ => [0, 2] };
        if (type is "F32" or "F16" or "BF16")
        {
            return Floats(name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (x, y) => x * y)).Select(_ => random.NextSingle() - 0.5f)]);
        }

        for (int block = 0; block < data.Length; block += known.BytesPerBlock)
        {
            foreach (int scale in scales)
            {
                BitConverter.TryWriteBytes(data.AsSpan(block + scale), (Half)(0.001f + (0.01f * random.NextSingle())));
            }
        }

        uint number = Enumerable.Range(0, 40).Select(x => (uint)x).Single(x => GgufType.Find(x)?.Name == type);
        return Tensor(name, shape, number, data);
    }

    public byte[] Build()
    {
        var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write(_keys);
        writer.Write(_metadata.ToArray());
        ulong offset = 0;
        foreach (var (name, dimensions, type, data) in _tensors)
        {
            Write(writer, name);
            writer.Write((uint)dimensions.Length);
            foreach (ulong dimension in dimensions)
            {
                writer.Write(dimension);
            }

            writer.Write(type);
            writer.Write(offset);
            offset += (ulong)(data.Length + Alignment - 1) / Alignment * Alignment;
        }

        foreach (var (_, _, _, data) in _tensors)
        {
            writer.Write(new byte[(Alignment - (file.Position % Alignment)) % Alignment]);
            writer.Write(data);
        }

        return file.ToArray();
    }

    private static void Write(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private GgufBuilder Key(string key, uint type, Action<BinaryWriter> value)
    {
        using var writer = new BinaryWriter(_metadata, Encoding.UTF8, leaveOpen: true);
        Write(writer, key);
        writer.Write(type);
        value(writer);
        _keys++;
        return this;
    }
}
