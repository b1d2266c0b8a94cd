using System.Collections.Concurrent;

using RftConsole.Training.Compute;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>Loads base models and adapters once and shares them between jobs, deployments and the playground.</summary>
/// <param name="compute">The thread that owns all weights.</param>
/// <param name="names">Names of models beyond the embedded one; null for none.</param>
public sealed class ModelHost(ComputeThread compute, IModelNames? names = null) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<LoadedModel>>> _models = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<LoraAdapter>>> _adapters = new();

    public ComputeThread Compute { get; } = compute;

    /// <summary>The base model of a registered name, a Hugging Face folder or a GGUF file.</summary>
    /// <exception cref="UserInputException">There is no such model, or its files cannot be used.</exception>
    public Task<LoadedModel> LoadAsync(string nameOrPath)
    {
        string path = Path.GetFullPath(names?.PathOf(nameOrPath) ?? BaseModels.PathOf(nameOrPath));
        return OnceAsync(_models, path, () => LoadPathAsync(path));
    }

    /// <summary>A PEFT adapter for a base model.</summary>
    /// <exception cref="UserInputException">The folder holds no adapter that fits the model.</exception>
    public Task<LoraAdapter> LoadAdapterAsync(LoadedModel model, string folder) => OnceAsync(
        _adapters,
        $"{model.Path}\n{Path.GetFullPath(folder)}",
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

    private async Task<LoadedModel> LoadPathAsync(string path)
    {
        using var source = ModelSource.Open(path);
        var tokenizer = source.ReadTokenizer();
        var template = source.ReadChatTemplate();
        var endTokens = source.ReadEndTokens();
        string hash = await source.HashAsync();
        var decoder = await Compute.RunAsync(
            WorkPriority.Interactive,
            () =>
            {
                using var weights = source.OpenWeights();
                return Decoder.Load(weights, source.Config, ComputeThread.Team);
            });
        return new(path, decoder, tokenizer, template, endTokens, hash);
    }
}
