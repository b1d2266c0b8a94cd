using System.Text.Json;

using RftConsole.Training.Models;
using RftConsole.Training.Supervised;
using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Starter;

/// <summary>What pretraining carries from step to step, and keeps in its checkpoint. Use it on the compute thread.</summary>
public sealed class PretrainingState : IDisposable
{
    private const string CheckpointFile = "checkpoint.safetensors";
    private const string StepTensor = "step";

    private readonly Decoder _decoder;

    private PretrainingState(StarterRecipe recipe)
    {
        using var source = new RandomWeights(recipe.Shape, recipe.Seed);
        _decoder = Decoder.Load(source, recipe.Shape);
        Trainer = new SupervisedTrainer(_decoder, recipe.Optimizer);
    }

    /// <summary>What changes the weights.</summary>
    public SupervisedTrainer Trainer { get; }

    /// <summary>Updates made.</summary>
    public int Step => Trainer.StepCount;

    /// <summary>Random weights, or those of the folder's checkpoint.</summary>
    public static PretrainingState CreateOrResume(StarterRecipe recipe, string folder)
    {
        var state = new PretrainingState(recipe);
        string path = Path.Combine(folder, CheckpointFile);
        if (File.Exists(path))
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var (name, numbers) in state.Numbers())
            {
                using var tensor = file.Read(name, numbers.Shape);
                numbers.Set(tensor);
            }

            state.Trainer.StepCount = (int)file.Read(StepTensor).item<float>();
        }

        return state;
    }

    /// <summary>Writes weights and moments beside the old checkpoint, then puts them in its place.</summary>
    public void WriteCheckpoint(string folder)
    {
        var tensors = Numbers().ToDictionary(x => x.Name, x => x.Numbers.ToTensor());
        tensors[StepTensor] = tensor((float)Step);
        string staged = Path.Combine(folder, CheckpointFile + ".staged");
        SafetensorsWriter.Write(staged, tensors);
        File.Move(staged, Path.Combine(folder, CheckpointFile), overwrite: true);
    }

    /// <summary>Writes the weights in BF16 and <c>config.json</c> into a Hugging Face model folder.</summary>
    public void WriteModel(string folder)
    {
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), Trainer.Weights.All.ToDictionary(x => x.Name, x => x.Value.ToTensor()), "BF16");
        File.WriteAllText(Path.Combine(folder, "config.json"), HuggingFaceConfig(_decoder.Config) + "\n");
    }

    public void Dispose()
    {
        Trainer.Dispose();
        _decoder.Dispose();
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

    /// <summary>All that a checkpoint holds but the step's number.</summary>
    private IEnumerable<(string Name, PackedNumbers Numbers)> Numbers() => Trainer.Weights.All.SelectMany(x => x.State());
}
