using System.Text;
using System.Text.Json;

using RftConsole.Training.Models;
using RftConsole.Training.Storage;
using RftConsole.Training.Text;

using static TorchSharp.torch;

namespace RftConsole.Training.Weights;

/// <summary>Reads and writes LoRA adapters in the folder format of Hugging Face PEFT. Use it on the compute thread.</summary>
public static class PeftAdapter
{
    public const string ConfigFile = "adapter_config.json";
    public const string WeightsFile = "adapter_model.safetensors";

    // Kept beside the weights, where other readers of the format look for nothing.
    private const string ReasoningEffortKey = "reasoning_effort";

    /// <summary>Loads an adapter for a decoder of this shape.</summary>
    /// <exception cref="UserInputException">A file is missing or unusable, or the adapter is of a kind that this engine does not compute.</exception>
    public static LoraAdapter Load(string folder, DecoderConfig config)
    {
        var configuration = PeftConfiguration.Load(Path.Combine(folder, ConfigFile));
        using var file = SafetensorsFile.Open(Path.Combine(folder, WeightsFile));
        using var scope = NewDisposeScope();
        var linears = new Dictionary<(int Layer, string Target), LoraLinear>();
        foreach (var (layer, target, rank, scale) in configuration.Modules(config))
        {
            var (rows, columns) = WeightShapes.Linear(config, target);
            string prefix = $"base_model.model.{PeftConfiguration.ModuleName(layer, target)}";
            linears[(layer, target)] = new(file.Read($"{prefix}.lora_A.weight", rank, columns), file.Read($"{prefix}.lora_B.weight", rows, rank), scale);
        }

        if (file.Entries.Count != 2 * linears.Count)
        {
            throw new WeightFormatException(file.Path, null, $"{file.Entries.Count} tensors where rank and targets of {ConfigFile} make {2 * linears.Count}");
        }

        foreach (var linear in linears.Values)
        {
            linear.A.DetachFromDisposeScope();
            linear.B.DetachFromDisposeScope();
        }

        int[] layers = [.. linears.Keys.Select(x => x.Layer).Distinct().Order()];
        string[] targets = [.. WeightShapes.LinearLayers.Where(x => linears.Keys.Any(key => key.Target == x))];
        return new(new(configuration.Rank, configuration.Alpha, targets, configuration.RankStabilized, layers.Length == config.LayerCount ? null : layers), linears)
        {
            ReasoningEffort = file.Metadata.TryGetValue(ReasoningEffortKey, out string? effort) && Enum.TryParse(effort, ignoreCase: true, out ReasoningEffort known) && Enum.IsDefined(known) ? known : default,
        };
    }

    /// <summary>Writes configuration and weights into <paramref name="folder"/>, which is made where it is missing.</summary>
    public static void Save(LoraAdapter adapter, string folder, string baseModel)
    {
        Directory.CreateDirectory(folder);
        (string, string)[] effort = adapter.ReasoningEffort == ReasoningEffort.Default ? [] : [(ReasoningEffortKey, adapter.ReasoningEffort.ToString().ToLowerInvariant())];
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), adapter.Parameters().ToDictionary(x => x.Name, x => x.Tensor), metadata: effort);
        var shape = adapter.Shape;
        var modules = adapter.Linears.Select(x => (Name: PeftConfiguration.ModuleName(x.Layer, x.Target), x.Layer, Rank: (int)x.Linear.A.size(0), x.Linear.Scale)).ToArray();

        // Layers that do not share the same targets have no shorter description than their names.
        bool regular = modules.Length == shape.Targets.Count * modules.Select(x => x.Layer).Distinct().Count();
        string json = JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["alpha_pattern"] = modules.Where(x => x.Scale != (shape with { Rank = x.Rank }).Scale).ToDictionary(x => x.Name, x => Alpha(x.Rank, x.Scale)),
                ["auto_mapping"] = null,
                ["base_model_name_or_path"] = baseModel,
                ["bias"] = "none",
                ["exclude_modules"] = null,
                ["fan_in_fan_out"] = false,
                ["inference_mode"] = true,
                ["init_lora_weights"] = true,
                ["layer_replication"] = null,
                ["layers_pattern"] = null,
                ["layers_to_transform"] = regular ? shape.Layers : null,
                ["lora_alpha"] = shape.Alpha,
                ["lora_bias"] = false,
                ["lora_dropout"] = 0.0,
                ["modules_to_save"] = null,
                ["peft_type"] = "LORA",
                ["r"] = shape.Rank,
                ["rank_pattern"] = modules.Where(x => x.Rank != shape.Rank).ToDictionary(x => x.Name, x => x.Rank),
                ["revision"] = null,
                ["target_modules"] = regular ? shape.Targets : modules.Select(x => x.Name),
                ["task_type"] = "CAUSAL_LM",
                ["use_dora"] = false,
                ["use_rslora"] = shape.RankStabilized,
            },
            new JsonSerializerOptions { WriteIndented = true });
        using (var stream = VaultFiles.Create(Path.Combine(folder, ConfigFile)))
        {
            stream.Write(Encoding.UTF8.GetBytes(json + "\n"));
        }

        // Rounded, because the product of a quotient may miss the number that was divided by the last bit.
        double Alpha(int rank, double scale) => Math.Round(scale * (shape.RankStabilized ? Math.Sqrt(rank) : rank), 9);
    }
}
