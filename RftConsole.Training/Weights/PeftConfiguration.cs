using System.Text.Json;
using System.Text.RegularExpressions;

using RftConsole.Training.Models;
using RftConsole.Training.Storage;

namespace RftConsole.Training.Weights;

/// <summary>What an <c>adapter_config.json</c> says about each linear layer of a decoder.</summary>
/// <remarks>
/// Semantics of PEFT 0.21: an entry of <c>target_modules</c> is a module's name or its end after a dot, a text there is a pattern of the whole
/// name; the first key of a rank or alpha pattern wins that matches the whole name or its end after a dot.
/// </remarks>
internal sealed class PeftConfiguration
{
    private const int HighestRank = 4096;
    private const int MostPatterns = 10_000;

    /// <summary>Keys that change nothing about what a saved adapter computes, or are read elsewhere in this class.</summary>
    private static readonly HashSet<string> s_harmless =
    [
        "alpha_pattern", "arrow_config", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "ensure_weight_tying", "eva_config", "exclude_modules",
        "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha", "lora_dropout", "lora_ga_config",
        "megatron_core", "peft_type", "peft_version", "qalora_group_size", "r", "rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_rslora",
    ];

    private readonly string _path;
    private readonly JsonElement _root;
    private readonly List<(Regex Key, double Value)> _ranks;
    private readonly List<(Regex Key, double Value)> _alphas;

    private PeftConfiguration(string path, JsonElement root)
    {
        (_path, _root) = (path, root);
        RefuseOtherKinds();
        Rank = CheckedRank("r", root.GetProperty("r").GetDouble());
        Alpha = Finite("lora_alpha", root.GetProperty("lora_alpha").GetDouble());
        RankStabilized = root.TryGetProperty("use_rslora", out var stabilized) && stabilized.ValueKind == JsonValueKind.True;
        _ranks = Patterns("rank_pattern", CheckedRank);
        _alphas = Patterns("alpha_pattern", Finite);
    }

    public int Rank { get; }

    public double Alpha { get; }

    public bool RankStabilized { get; }

    /// <exception cref="WeightFormatException">The file is missing or damaged, or the adapter is of a kind that this engine does not compute.</exception>
    public static PeftConfiguration Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new WeightFormatException(path, null, "the file does not exist");
        }

        return Reading(path, () => new PeftConfiguration(path, JsonElement.Parse(VaultFiles.ReadAllBytes(path))));
    }

    /// <summary>PEFT's name of a linear layer.</summary>
    public static string ModuleName(int layer, string target) => $"model.layers.{layer}.{WeightShapes.Block(target)}.{target}";

    /// <summary>The adapted layers of a decoder, with rank and scale of each.</summary>
    /// <exception cref="WeightFormatException">An entry names no linear layer of the decoder, or a pattern cannot be used.</exception>
    public IReadOnlyList<(int Layer, string Target, int Rank, double Scale)> Modules(DecoderConfig config) => Reading(_path, () =>
    {
        var layers = Layers(config);
        var all = Enumerable.Range(0, config.LayerCount).SelectMany(layer => WeightShapes.LinearLayers.Select(target => (Layer: layer, Target: target, Name: ModuleName(layer, target)))).ToArray();
        var targeted = Matching("target_modules", all.Select(x => x.Name).ToArray(), allowUnmatched: false);
        var excluded = Matching("exclude_modules", all.Select(x => x.Name).ToArray(), allowUnmatched: true);
        var modules = new List<(int, string, int, double)>();
        foreach (var (layer, target, name) in all.Where(x => layers.Contains(x.Layer) && targeted.Contains(x.Name) && !excluded.Contains(x.Name)))
        {
            int rank = (int)(First(_ranks, name) ?? Rank);
            double alpha = First(_alphas, name) ?? Alpha;
            modules.Add((layer, target, rank, new LoraShape(rank, alpha, [], RankStabilized).Scale));
        }

        return modules.Count > 0 ? modules : throw Wrong("target_modules is empty, or leaves no layer: the adapter changes nothing");
    });

    private static double? First(List<(Regex Key, double Value)> patterns, string name)
    {
        foreach (var (key, value) in patterns)
        {
            if (key.IsMatch(name))
            {
                return value;
            }
        }

        return null;
    }

    private static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new WeightFormatException(path, null, "not the configuration of a LoRA adapter", e);
        }
    }

    private HashSet<int> Layers(DecoderConfig config)
    {
        if (!Given("layers_to_transform", out var value))
        {
            return [.. Enumerable.Range(0, config.LayerCount)];
        }

        HashSet<int> layers = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(x => x.GetInt32())] : [value.GetInt32()];
        foreach (int wrong in layers.Where(x => x < 0 || x >= config.LayerCount))
        {
            throw Wrong($"layers_to_transform: {wrong} is not one of the model's layers 0 to {config.LayerCount - 1}");
        }

        return layers;
    }

    private HashSet<string> Matching(string key, string[] names, bool allowUnmatched)
    {
        if (!Given(key, out var value) && allowUnmatched)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            string text = value.GetString()!;
            var whole = text == "all-linear" ? null : Compiled(key, text, $@"\A(?:{text})\z");
            return [.. names.Where(x => whole?.IsMatch(x) != false)];
        }

        var matching = new HashSet<string>();
        foreach (string entry in _root.GetProperty(key).EnumerateArray().Select(x => x.GetString() ?? "").Distinct().Take(MostPatterns))
        {
            string[] found = [.. names.Where(x => x == entry || x.EndsWith("." + entry, StringComparison.Ordinal))];
            if (found.Length == 0 && !allowUnmatched)
            {
                throw Wrong($"{key}: \"{entry}\" is not one of {string.Join(", ", WeightShapes.LinearLayers)}, nor such a layer's full name");
            }

            matching.UnionWith(found);
        }

        return matching;
    }

    private List<(Regex Key, double Value)> Patterns<T>(string key, Func<string, double, T> check)
        where T : struct, IConvertible
    {
        var patterns = new List<(Regex, double)>();
        if (Given(key, out var value))
        {
            foreach (var entry in value.EnumerateObject().Take(MostPatterns))
            {
                patterns.Add((Compiled(key, entry.Name, $@"\A(.*\.)?({entry.Name})$"), check($"{key}, \"{entry.Name}\"", entry.Value.GetDouble()).ToDouble(null)));
            }
        }

        return patterns;
    }

    /// <summary>Without backtracking, so that no pattern can take forever.</summary>
    private Regex Compiled(string key, string shown, string expression)
    {
        try
        {
            return new(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Wrong($"{key}: \"{shown}\" is not a pattern that can be used here", e);
        }
    }

    private void RefuseOtherKinds()
    {
        if (_root.TryGetProperty("peft_type", out var type) && type.GetString() != "LORA")
        {
            throw Wrong($"peft_type {type.GetString()} is not supported (LORA)");
        }

        if (Given("bias", out var bias) && bias.GetString() != "none")
        {
            throw Wrong($"bias \"{bias.GetString()}\" is not supported (none)");
        }

        // Such a start moves a part of the base model into the adapter: its numbers belong to a changed base model.
        if (Given("init_lora_weights", out var start) && start.ValueKind == JsonValueKind.String && start.GetString() is not ("gaussian" or "eva" or "orthogonal"))
        {
            throw Wrong($"init_lora_weights \"{start.GetString()}\" is not supported: it changes the base model's weights; convert the adapter with PEFT first (save_pretrained with path_initial_model_for_weight_conversion)");
        }

        if (Given("layers_pattern", out var pattern) && !(pattern.ValueKind == JsonValueKind.String ? [pattern] : pattern.EnumerateArray().ToArray()).All(x => x.GetString() == "layers"))
        {
            throw Wrong("layers_pattern is not supported (layers)");
        }

        foreach (var property in _root.EnumerateObject())
        {
            if (!s_harmless.Contains(property.Name) && Given(property.Name, out _))
            {
                throw Wrong($"{property.Name} is not supported");
            }
        }
    }

    /// <summary>Whether a key is there and switches something on.</summary>
    private bool Given(string key, out JsonElement value) => _root.TryGetProperty(key, out value) && value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.String => value.GetString()!.Length > 0,
        _ => true,
    };

    private int CheckedRank(string key, double rank) => rank is >= 1 and <= HighestRank && rank == Math.Floor(rank) ? (int)rank : throw Wrong($"{key} is {rank}; a rank is a whole number from 1 to {HighestRank}");

    private double Finite(string key, double alpha) => double.IsFinite(alpha) ? alpha : throw Wrong($"{key} is {alpha}");

    private WeightFormatException Wrong(string reason, Exception? inner = null) => new(_path, null, reason, inner);
}
