using System.Text.Json;

using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Weights;

/// <summary>Reads and writes LoRA adapters in the folder format of Hugging Face PEFT. Use it on the compute thread.</summary>
public static class PeftAdapter
{
    public const string ConfigFile = "adapter_config.json";
    public const string WeightsFile = "adapter_model.safetensors";

    /// <summary>Loads an adapter for a decoder of this shape.</summary>
    /// <exception cref="UserInputException">A file is missing or unusable, or the adapter is of a kind that this engine does not compute.</exception>
    public static LoraAdapter Load(string folder, DecoderConfig config)
    {
        var shape = ReadShape(Path.Combine(folder, ConfigFile));
        using var file = SafetensorsFile.Open(Path.Combine(folder, WeightsFile));
        using var scope = NewDisposeScope();
        var linears = new Dictionary<(int, string), LoraLinear>();
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (string target in shape.Targets)
            {
                var (rows, columns) = WeightShapes.Linear(config, target);
                string prefix = $"base_model.model.model.layers.{layer}.{WeightShapes.Block(target)}.{target}";
                linears[(layer, target)] = new(file.Read($"{prefix}.lora_A.weight", shape.Rank, columns), file.Read($"{prefix}.lora_B.weight", rows, shape.Rank), shape.Scale);
            }
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

        return new(shape, linears);
    }

    /// <summary>Writes configuration and weights into <paramref name="folder"/>, which is made where it is missing.</summary>
    public static void Save(LoraAdapter adapter, string folder, string baseModel)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), adapter.Parameters().ToDictionary(x => x.Name, x => x.Tensor));
        string json = JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["peft_type"] = "LORA",
                ["task_type"] = "CAUSAL_LM",
                ["base_model_name_or_path"] = baseModel,
                ["r"] = adapter.Shape.Rank,
                ["lora_alpha"] = adapter.Shape.Alpha,
                ["lora_dropout"] = 0.0,
                ["target_modules"] = adapter.Shape.Targets,
                ["bias"] = "none",
                ["fan_in_fan_out"] = false,
                ["inference_mode"] = true,
                ["init_lora_weights"] = true,
                ["modules_to_save"] = null,
                ["use_dora"] = false,
                ["use_rslora"] = adapter.Shape.RankStabilized,
            },
            new JsonSerializerOptions { WriteIndented = true });
        File.WriteAllText(Path.Combine(folder, ConfigFile), json + "\n");
    }

    private static LoraShape ReadShape(string path)
    {
        if (!File.Exists(path))
        {
            throw new WeightFormatException(path, null, "the file does not exist");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            RefuseOtherKinds(path, root);
            string[] targets = [.. root.GetProperty("target_modules").EnumerateArray().Select(x => x.GetString() ?? "")];
            if (targets.Length == 0)
            {
                throw new WeightFormatException(path, null, "target_modules is empty: the adapter changes nothing");
            }

            if (targets.FirstOrDefault(x => !WeightShapes.LinearLayers.Contains(x)) is { } unknown)
            {
                throw new WeightFormatException(path, null, $"target_modules: \"{unknown}\" is not one of {string.Join(", ", WeightShapes.LinearLayers)}");
            }

            int rank = root.GetProperty("r").GetInt32();
            return rank is > 0 and <= 4096
                ? new(rank, root.GetProperty("lora_alpha").GetDouble(), [.. WeightShapes.LinearLayers.Where(targets.Contains)], root.TryGetProperty("use_rslora", out var stabilized) && stabilized.ValueKind == JsonValueKind.True)
                : throw new WeightFormatException(path, null, $"r is {rank}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new WeightFormatException(path, null, "not the configuration of a LoRA adapter", e);
        }
    }

    private static void RefuseOtherKinds(string path, JsonElement root)
    {
        if (root.TryGetProperty("peft_type", out var type) && type.GetString() != "LORA")
        {
            throw new WeightFormatException(path, null, $"peft_type {type.GetString()} is not supported (LORA)");
        }

        foreach (string name in (string[])["use_dora", "rank_pattern", "alpha_pattern", "layers_to_transform", "modules_to_save"])
        {
            if (root.TryGetProperty(name, out var value) && !(value.ValueKind is JsonValueKind.Null or JsonValueKind.False || (value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any())))
            {
                throw new WeightFormatException(path, null, $"{name} is not supported");
            }
        }
    }
}
