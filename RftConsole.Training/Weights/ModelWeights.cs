using System.Text.Json;

using static TorchSharp.torch;

namespace RftConsole.Training.Weights;

/// <summary>The weights of a Hugging Face model folder: one safetensors file, or several with an index.</summary>
public sealed class ModelWeights : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> _files = [];
    private readonly Dictionary<string, string> _shardOf = [];
    private readonly string _folder;

    /// <exception cref="WeightFormatException">There are no weights, or a file of them is not sound.</exception>
    public ModelWeights(string folder)
    {
        _folder = folder;
        string index = Path.Combine(folder, "model.safetensors.index.json");
        if (!File.Exists(index))
        {
            var single = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
            _files[""] = single;
            _shardOf = single.Entries.Keys.ToDictionary(x => x, _ => "");
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            foreach (var entry in document.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string shard = entry.Value.GetString() ?? "";
                _shardOf[entry.Name] = Path.GetFileName(shard) == shard && shard.Length > 0 ? shard : throw new WeightFormatException(index, entry.Name, $"\"{shard}\" is not the name of a file beside the index");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new WeightFormatException(index, null, "not an index of safetensors files", e);
        }
    }

    /// <summary>Reads a tensor, widened to fp32.</summary>
    /// <exception cref="WeightFormatException">It is missing, or not of this shape.</exception>
    public Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        if (!_shardOf.TryGetValue(name, out string? shard))
        {
            throw new WeightFormatException(_folder, name, "the tensor is missing");
        }

        if (!_files.TryGetValue(shard, out var file))
        {
            file = SafetensorsFile.Open(Path.Combine(_folder, shard));
            _files[shard] = file;
        }

        return file.Read(name, shape);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }
}
