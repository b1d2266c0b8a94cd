namespace RftConsole.Training.Weights;

/// <summary>Makes fp32 values of whole blocks.</summary>
internal delegate void BlockDecoder(ReadOnlySpan<byte> blocks, Span<float> values);

/// <summary>A tensor type of GGUF: so many values in a block of so many bytes.</summary>
internal sealed record GgufType(string Name, int ValuesPerBlock, int BytesPerBlock, BlockDecoder Decode)
{
    private static readonly Dictionary<uint, GgufType> s_supported = new()
    {
        [0] = new("F32", 1, 4, (blocks, values) => Widen.ToSingle("F32", blocks, values)),
        [1] = new("F16", 1, 2, (blocks, values) => Widen.ToSingle("F16", blocks, values)),
        [30] = new("BF16", 1, 2, (blocks, values) => Widen.ToSingle("BF16", blocks, values)),
        [2] = new("Q4_0", 32, 18, GgufBlocks.Q4Signed),
        [3] = new("Q4_1", 32, 20, GgufBlocks.Q4Offset),
        [6] = new("Q5_0", 32, 22, GgufBlocks.Q5Signed),
        [7] = new("Q5_1", 32, 24, GgufBlocks.Q5Offset),
        [8] = new("Q8_0", 32, 34, GgufBlocks.Q8),
        [11] = new("Q3_K", GgufSuperBlocks.Values, 110, GgufSuperBlocks.Q3),
        [12] = new("Q4_K", GgufSuperBlocks.Values, 144, GgufSuperBlocks.Q4),
        [13] = new("Q5_K", GgufSuperBlocks.Values, 176, GgufSuperBlocks.Q5),
        [14] = new("Q6_K", GgufSuperBlocks.Values, 210, GgufSuperBlocks.Q6),
    };

    private static readonly Dictionary<uint, string> s_others = new()
    {
        [4] = "Q4_2", [5] = "Q4_3", [9] = "Q8_1", [10] = "Q2_K", [15] = "Q8_K", [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S",
        [20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS", [24] = "I8", [25] = "I16", [26] = "I32", [27] = "I64", [28] = "F64",
        [29] = "IQ1_M", [34] = "TQ1_0", [35] = "TQ2_0", [39] = "MXFP4",
    };

    /// <summary>The supported types by name.</summary>
    public static IEnumerable<GgufType> Supported => s_supported.Values;

    public static GgufType? Find(uint number) => s_supported.GetValueOrDefault(number);

    /// <summary>What messages call a type that is not supported.</summary>
    public static string NameOf(uint number) => s_others.GetValueOrDefault(number, $"number {number}");
}
