using System.Buffers.Binary;

namespace RftConsole.Training.Weights;

/// <summary>
/// The metadata of a GGUF file: values by key. A value is a <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="string"/>,
/// or a list of one of them (<c>string[]</c>, <c>double[]</c>, <c>long[]</c>).
/// </summary>
/// <remarks>Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.</remarks>
public sealed class GgufMetadata
{
    private const int MostKeys = 1 << 16;
    private const int MostItems = 10_000_000;
    private const int DeepestList = 4;

    private readonly string _path;
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    private GgufMetadata(string path) => _path = path;

    /// <summary>Reads as many key-value pairs as the header announced.</summary>
    internal static GgufMetadata Read(GgufCursor cursor, ulong count)
    {
        // A key's length, its type and one byte of value are the least that a pair takes.
        if (count > MostKeys || count > (ulong)(cursor.Remaining / 13))
        {
            throw new WeightFormatException(cursor.Path, null, $"{count} metadata keys are more than the file can hold, or than {MostKeys}");
        }

        var metadata = new GgufMetadata(cursor.Path);
        for (ulong i = 0; i < count; i++)
        {
            string key = cursor.Text($"metadata key {i}");
            object value = Value(cursor, cursor.UInt32(key), key, 0);
            if (!metadata._values.TryAdd(key, value))
            {
                throw new WeightFormatException(cursor.Path, key, "stands twice in the metadata");
            }
        }

        return metadata;
    }

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>A text, or null where the key is missing.</summary>
    public string? Text(string key) => Find<string>(key, "a text");

    /// <summary>A list of texts, or null where the key is missing.</summary>
    public string[]? Texts(string key) => Find<string[]>(key, "a list of texts");

    /// <summary>A list of whole numbers, or null where the key is missing.</summary>
    public long[]? Integers(string key) => Find<long[]>(key, "a list of whole numbers");

    /// <summary>A switch; a missing one is <paramref name="whenMissing"/>.</summary>
    public bool Switch(string key, bool whenMissing) => _values.ContainsKey(key) ? Find<object>(key, "") is bool value ? value : throw Wrong(key, "true or false") : whenMissing;

    /// <summary>A whole number, or null where the key is missing.</summary>
    public long? Integer(string key) => _values.TryGetValue(key, out object? value) ? value is long number ? number : throw Wrong(key, "a whole number") : null;

    /// <summary>A finite number, or null where the key is missing.</summary>
    public double? Number(string key) => !_values.TryGetValue(key, out object? value) ? null : value switch
    {
        double number when double.IsFinite(number) => number,
        long number => number,
        _ => throw Wrong(key, "a finite number"),
    };

    private T? Find<T>(string key, string kind)
        where T : class =>
        _values.TryGetValue(key, out object? value) ? value as T ?? throw Wrong(key, kind) : null;

    private WeightFormatException Wrong(string key, string kind) => new(_path, key, $"must be {kind}");

    private static object Value(GgufCursor cursor, uint type, string key, int depth) => type switch
    {
        0 => (long)cursor.Byte(key),
        1 => (long)(sbyte)cursor.Byte(key),
        2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(cursor.Take(2, key)),
        3 => (long)BinaryPrimitives.ReadInt16LittleEndian(cursor.Take(2, key)),
        4 => (long)cursor.UInt32(key),
        5 => (long)(int)cursor.UInt32(key),
        6 => (double)BinaryPrimitives.ReadSingleLittleEndian(cursor.Take(4, key)),
        7 => cursor.Byte(key) is var value and <= 1 ? value == 1 : throw new WeightFormatException(cursor.Path, key, "a boolean must be 0 or 1"),
        8 => cursor.Text(key),
        9 => List(cursor, key, depth + 1),
        10 => cursor.UInt64(key) is var value && value <= long.MaxValue ? (long)value : (double)value,
        11 => (long)cursor.UInt64(key),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(cursor.Take(8, key)),
        _ => throw new WeightFormatException(cursor.Path, key, $"value type {type} is not one of GGUF's"),
    };

    private static object List(GgufCursor cursor, string key, int depth)
    {
        if (depth > DeepestList)
        {
            throw new WeightFormatException(cursor.Path, key, $"lists lie in each other more than {DeepestList} deep");
        }

        uint type = cursor.UInt32(key);
        int count = cursor.Count(SmallestBytes(type), MostItems, key);
        switch (type)
        {
            case 8:
                return Items<string>();
            case 9:
                return Items<object>();
            case 6 or 12:
                return Items<double>();
            case 10:
                return Array.ConvertAll(Items<object>(), x => x is long number ? number : throw new WeightFormatException(cursor.Path, key, "holds a number above 2^63"));
            case 7:
                return Array.ConvertAll(Items<bool>(), x => x ? 1L : 0L);
            default:
                return Items<long>();
        }

        T[] Items<T>()
        {
            var items = new T[count];
            for (int i = 0; i < count; i++)
            {
                items[i] = (T)Value(cursor, type, key, depth);
            }

            return items;
        }
    }

    private static int SmallestBytes(uint type) => type switch
    {
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        8 or 10 or 11 or 12 => 8,
        9 => 12,
        _ => 1,
    };
}
