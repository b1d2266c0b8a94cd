using System.Text.Json;

using static TorchSharp.torch;

namespace RftConsole.Training.Weights;

/// <summary>The weights of a Hugging Face model folder: one safetensors file, or several with an index.</summary>
public sealed class ModelWeights : IWeightSource
{
    private readonly Dictionary<string, SafetensorsFile> _files = [];
    private readonly Dictionary<string, string> _shardOf = [];
    private readonly string _folder;

    /// <exception cref="WeightFormatException">There are no weights, or a file of them is not sound.</exception>
    public ModelWeights(string folder)
    {
        _folder = folder;
        string index = System.IO.Path.Combine(folder, "model.safetensors.index.json");
        if (!File.Exists(index))
        {
            var single = SafetensorsFile.Open(System.IO.Path.Combine(folder, "model.safetensors"));
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
                _shardOf[entry.Name] = System.IO.Path.GetFileName(shard) == shard && shard.Length > 0 ? shard : throw new WeightFormatException(index, entry.Name, $"\"{shard}\" is not the name of a file beside the index");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new WeightFormatException(index, null, "not an index of safetensors files", e);
        }
    }

    public string Path => _folder;

    public IEnumerable<string> Names => _shardOf.Keys;

    public string StoredType => FileOf("model.embed_tokens.weight").Entries.TryGetValue("model.embed_tokens.weight", out var entry) ? entry.Type : "F32";

    /// <inheritdoc/>
    public void Require(string name, params ReadOnlySpan<long> shape) => FileOf(name).Require(name, shape);

    /// <inheritdoc/>
    public Tensor Read(string name, params ReadOnlySpan<long> shape) => FileOf(name).Read(name, shape);

    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile FileOf(string name)
    {
        if (!_shardOf.TryGetValue(name, out string? shard))
        {
            throw new WeightFormatException(_folder, name, "the tensor is missing");
        }

        if (!_files.TryGetValue(shard, out var file))
        {
            file = SafetensorsFile.Open(System.IO.Path.Combine(_folder, shard));
            _files[shard] = file;
        }

        return file;
    }
}
