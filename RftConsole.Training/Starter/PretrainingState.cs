using System.Text.Json;

using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Starter;

/// <summary>What pretraining carries from step to step, and keeps in its checkpoint. Use it on the compute thread.</summary>
public sealed class PretrainingState : IDisposable
{
    private const string CheckpointFile = "checkpoint.safetensors";
    private const string StepTensor = "step";

    private PretrainingState(AutogradDecoder decoder, StarterRecipe recipe)
    {
        Decoder = decoder;
        foreach (var weight in decoder.Weights.Values)
        {
            weight.requires_grad_(true);
        }

        Optimizer = new AdamW(decoder.Weights.Select(x => (x.Key, x.Value)), recipe.Optimizer);
    }

    public AutogradDecoder Decoder { get; }

    public AdamW Optimizer { get; }

    /// <summary>Updates made.</summary>
    public int Step { get; set; }

    /// <summary>Random weights, or those of the folder's checkpoint.</summary>
    public static PretrainingState CreateOrResume(StarterRecipe recipe, string folder)
    {
        var state = new PretrainingState(AutogradDecoder.Random(recipe.Shape, recipe.Seed), recipe);
        string path = Path.Combine(folder, CheckpointFile);
        if (File.Exists(path))
        {
            using var noGradient = no_grad();
            using var file = SafetensorsFile.Open(path);
            foreach (var (name, tensor) in state.Tensors())
            {
                tensor.copy_(file.Read(name, tensor.shape));
            }

            state.Step = state.Optimizer.StepCount = (int)file.Read(StepTensor).item<float>();
        }

        return state;
    }

    /// <summary>Writes weights and moments beside the old checkpoint, then puts them in its place.</summary>
    public void WriteCheckpoint(string folder)
    {
        var tensors = Tensors().ToDictionary(x => x.Name, x => x.Tensor);
        tensors[StepTensor] = tensor((float)Step);
        string staged = Path.Combine(folder, CheckpointFile + ".staged");
        SafetensorsWriter.Write(staged, tensors);
        File.Move(staged, Path.Combine(folder, CheckpointFile), overwrite: true);
    }

    /// <summary>Writes the weights in BF16 and <c>config.json</c> into a Hugging Face model folder.</summary>
    public void WriteModel(string folder)
    {
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), Decoder.Weights, "BF16");
        File.WriteAllText(Path.Combine(folder, "config.json"), HuggingFaceConfig(Decoder.Config) + "\n");
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Decoder.Dispose();
    }

    private static string HuggingFaceConfig(DecoderConfig config) => JsonSerializer.Serialize(
        new Dictionary<string, object?>
        {
            ["architectures"] = new[] { "LlamaForCausalLM" },
            ["attention_bias"] = false,
            ["bos_token_id"] = 1,
            ["dtype"] = "bfloat16",
            ["eos_token_id"] = 2,
            ["head_dim"] = config.HeadSize,
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["max_position_embeddings"] = config.ContextLength,
            ["mlp_bias"] = false,
            ["model_type"] = "llama",
            ["num_attention_heads"] = config.HeadCount,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_key_value_heads"] = config.KeyValueHeadCount,
            ["pad_token_id"] = 0,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["rope_theta"] = config.RotaryBase,
            ["tie_word_embeddings"] = config.TiedEmbeddings,
            ["vocab_size"] = config.VocabularySize,
        },
        new JsonSerializerOptions { WriteIndented = true });

    private IEnumerable<(string Name, Tensor Tensor)> Tensors() => Decoder.Weights.Select(x => (x.Key, x.Value)).Concat(Optimizer.State());
}
