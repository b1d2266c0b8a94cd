using RftConsole.Training.Weights;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>Writes a base model with an adapter added into its weights as a Hugging Face folder: W + scale · B A for each adapted layer.</summary>
public static class MergedModel
{
    /// <summary>
    /// Writes the folder under a temporary name and renames it, so that a folder of that name is always whole. The weights keep the type of
    /// the base model's; those of a GGUF file become F32, because its small integers cannot hold a sum. Use it on the compute thread.
    /// </summary>
    /// <param name="source">The base model.</param>
    /// <param name="adapterFolder">A PEFT folder.</param>
    /// <param name="output">The folder to write; it must not be there yet, or be empty.</param>
    /// <exception cref="UserInputException">The model, the adapter or the output folder cannot be used.</exception>
    public static void Write(ModelSource source, string adapterFolder, string output)
    {
        output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        if (File.Exists(output) || (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()))
        {
            throw new UserInputException($"{output}: is there already; choose a new folder for the merged model");
        }

        string staged = output + ".partial";
        if (Directory.Exists(staged))
        {
            Directory.Delete(staged, recursive: true);
        }

        try
        {
            Directory.CreateDirectory(staged);
            source.WriteCompanions(staged);
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            using var adapter = PeftAdapter.Load(adapterFolder, source.Config);
            using var weights = source.OpenWeights();
            using var decoder = AutogradDecoder.Load(weights, source.Config);
            Add(adapter, decoder);
            SafetensorsWriter.Write(Path.Combine(staged, "model.safetensors"), decoder.Weights, weights.StoredType);
            if (Directory.Exists(output))
            {
                Directory.Delete(output);
            }

            Directory.Move(staged, output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{output}: cannot be written: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(staged))
            {
                Directory.Delete(staged, recursive: true);
            }
        }
    }

    private static void Add(LoraAdapter adapter, AutogradDecoder decoder)
    {
        foreach (var (layer, target, linear) in adapter.Linears)
        {
            using var change = linear.B.mm(linear.A).mul_(linear.Scale);
            decoder.Weights[$"model.layers.{layer}.{WeightShapes.Block(target)}.{target}.weight"].add_(change);
        }
    }
}
