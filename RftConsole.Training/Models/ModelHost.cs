using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using RftConsole.Training.Compute;
using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>Loads base models and adapters once and shares them between jobs, deployments and the playground.</summary>
public sealed class ModelHost(ComputeThread compute) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<LoadedModel>>> _models = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<LoraAdapter>>> _adapters = new();

    public ComputeThread Compute { get; } = compute;

    /// <summary>The base model of a registered name or a Hugging Face folder.</summary>
    /// <exception cref="UserInputException">There is no such model, or its files cannot be used.</exception>
    public Task<LoadedModel> LoadAsync(string nameOrFolder)
    {
        string folder = Path.GetFullPath(BaseModels.FolderOf(nameOrFolder));
        return OnceAsync(_models, folder, () => LoadFolderAsync(folder));
    }

    /// <summary>A PEFT adapter for a base model.</summary>
    /// <exception cref="UserInputException">The folder holds no adapter that fits the model.</exception>
    public Task<LoraAdapter> LoadAdapterAsync(LoadedModel model, string folder) => OnceAsync(
        _adapters,
        $"{model.Folder}\n{Path.GetFullPath(folder)}",
        () => Compute.RunAsync(WorkPriority.Interactive, () => PeftAdapter.Load(folder, model.Decoder.Config)));

    /// <summary>Disposes of all weights. Nothing may use them any more.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var adapter in _adapters.Values.Where(x => x.IsValueCreated && x.Value.IsCompletedSuccessfully))
        {
            await Compute.RunAsync(WorkPriority.Interactive, adapter.Value.Result.Dispose);
        }

        foreach (var model in _models.Values.Where(x => x.IsValueCreated && x.Value.IsCompletedSuccessfully))
        {
            await Compute.RunAsync(WorkPriority.Interactive, model.Value.Result.Decoder.Dispose);
        }
    }

    /// <summary>One load at a time for each key; a failed one is forgotten, so that it can be tried again.</summary>
    private static async Task<T> OnceAsync<T>(ConcurrentDictionary<string, Lazy<Task<T>>> cache, string key, Func<Task<T>> load)
    {
        var entry = cache.GetOrAdd(key, _ => new Lazy<Task<T>>(load));
        try
        {
            return await entry.Value;
        }
        catch
        {
            cache.TryRemove(new(key, entry));
            throw;
        }
    }

    private async Task<LoadedModel> LoadFolderAsync(string folder)
    {
        var config = DecoderConfig.Load(folder);
        var tokenizer = Tokenizer.Load(folder);
        var template = ChatTemplate.Load(folder);
        var endTokens = LoadedModel.ReadEndTokens(folder);
        string hash = await HashAsync(folder);
        var decoder = await Compute.RunAsync(WorkPriority.Interactive, () => Decoder.Load(folder, config));
        return new(folder, decoder, tokenizer, template, endTokens, hash);
    }

    private static async Task<string> HashAsync(string folder)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(folder).Where(x => Path.GetExtension(x) is ".json" or ".safetensors" or ".jinja").Order(StringComparer.Ordinal))
        {
            await using var stream = File.OpenRead(file);
            all.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            all.AppendData(await SHA256.HashDataAsync(stream));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
