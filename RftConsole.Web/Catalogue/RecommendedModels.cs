using RftConsole.Training.Models;

namespace RftConsole.Web.Catalogue;

/// <summary>A small model that is known to learn on a machine without a GPU.</summary>
/// <param name="HubId">Its id on the hub.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="DownloadBytes">Size of its weights there.</param>
/// <param name="Licence">Its licence.</param>
/// <param name="Gated">The licence has to be accepted on the hub first.</param>
/// <param name="Config">Its published shape.</param>
public sealed record RecommendedModel(string HubId, string Title, long DownloadBytes, string Licence, bool Gated, DecoderConfig Config);

/// <summary>The short list, smallest first. Shapes are those of the published <c>config.json</c> files.</summary>
public static class RecommendedModels
{
    public static IReadOnlyList<RecommendedModel> All { get; } =
    [
        new("HuggingFaceTB/SmolLM2-135M-Instruct", "SmolLM2 135M Instruct", 269_060_552, "Apache-2.0", false, Shape("llama", 49152, 576, 1536, 30, 9, 3, 64, 8192)),
        new("HuggingFaceTB/SmolLM2-360M-Instruct", "SmolLM2 360M Instruct", 723_674_912, "Apache-2.0", false, Shape("llama", 49152, 960, 2560, 32, 15, 5, 64, 8192)),
        new("Qwen/Qwen2.5-0.5B-Instruct", "Qwen2.5 0.5B Instruct", 988_097_824, "Apache-2.0", false, Shape("qwen2", 151936, 896, 4864, 24, 14, 2, 64, 32768)),
        new("Qwen/Qwen3-0.6B", "Qwen3 0.6B", 1_503_300_328, "Apache-2.0", false, Shape("qwen3", 151936, 1024, 3072, 28, 16, 8, 128, 40960)),
        new("meta-llama/Llama-3.2-1B-Instruct", "Llama 3.2 1B Instruct", 2_471_645_608, "Llama 3.2 Community", true, Shape("llama", 128256, 2048, 8192, 16, 32, 8, 64, 131072)),
        new("Qwen/Qwen2.5-1.5B-Instruct", "Qwen2.5 1.5B Instruct", 3_087_467_144, "Apache-2.0", false, Shape("qwen2", 151936, 1536, 8960, 28, 12, 2, 128, 32768)),
        new("HuggingFaceTB/SmolLM2-1.7B-Instruct", "SmolLM2 1.7B Instruct", 3_422_777_952, "Apache-2.0", false, Shape("llama", 49152, 2048, 8192, 24, 32, 32, 64, 8192)),
        new("Qwen/Qwen3-1.7B", "Qwen3 1.7B", 4_063_515_640, "Apache-2.0", false, Shape("qwen3", 151936, 2048, 6144, 28, 16, 8, 128, 40960)),
    ];

    private static DecoderConfig Shape(string type, int vocabulary, int hidden, int intermediate, int layers, int heads, int keyValueHeads, int headSize, int context) => new()
    {
        ModelType = type,
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        LayerCount = layers,
        HeadCount = heads,
        KeyValueHeadCount = keyValueHeads,
        HeadSize = headSize,
        ContextLength = context,
        TiedEmbeddings = true,
        QueryKeyValueBias = type == "qwen2",
        QueryKeyNorm = type == "qwen3",
    };
}
