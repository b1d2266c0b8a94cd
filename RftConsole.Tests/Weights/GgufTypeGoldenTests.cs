using System.Runtime.InteropServices;
using System.Text.Json;

using RftConsole.Training.Weights;

namespace RftConsole.Tests.Weights;

/// <summary>Every quantisation type decodes to the bits of the reference.</summary>
public sealed class GgufTypeGoldenTests
{
    private const string Set = "gguf-types";

    public static TheoryData<string> Types => [.. GgufType.Supported.Select(x => x.Name)];

    [Fact]
    public void Every_type_of_the_reference_is_supported() =>
        Assert.Subset(GgufType.Supported.Select(x => x.Name).ToHashSet(), Index().Select(x => x.GetProperty("type").GetString()!).ToHashSet());

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_are_bit_equal_to_the_reference(string type)
    {
        var entry = Index().FirstOrDefault(x => x.GetProperty("type").GetString() == type);
        Assert.SkipWhen(entry.ValueKind == JsonValueKind.Undefined, $"the reference has no {type}");
        var known = GgufType.Find(entry.GetProperty("ggml_type").GetUInt32())!;
        byte[] blocks = File.ReadAllBytes(Goldens.FileOf(Set, type + ".bin"));
        uint[] expected = MemoryMarshal.Cast<byte, uint>(File.ReadAllBytes(Goldens.FileOf(Set, type + ".f32"))).ToArray();
        float[] values = new float[expected.Length];

        known.Decode(blocks, values);

        Assert.Equal(type, known.Name);
        Assert.Equal(blocks.Length, expected.Length / known.ValuesPerBlock * known.BytesPerBlock);
        Assert.Equal(expected, MemoryMarshal.Cast<float, uint>(values).ToArray());
    }

    private static JsonElement[] Index()
    {
        JsonElement[] entries = [.. JsonElement.Parse(File.ReadAllText(Goldens.FileOf(Set, "index.json"))).EnumerateArray()];
        Assert.NotEmpty(entries);
        return entries;
    }
}
