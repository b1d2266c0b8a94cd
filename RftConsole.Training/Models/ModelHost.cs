using RftConsole.Training.Compute;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>
/// Loads base models and adapters when they are first asked for and shares them between jobs, deployments and the playground. Where memory is short for another base
/// model, those that were not asked for the longest go; whoever still uses one keeps it until done.
/// </summary>
/// <param name="compute">The thread that owns all weights.</param>
/// <param name="names">Names of models beyond the embedded one; null for none.</param>
/// <param name="memory">How much memory there is; null for this machine's.</param>
public sealed class ModelHost(ComputeThread compute, IModelNames? names = null, MemoryProbe? memory = null) : IAsyncDisposable
{
    /// <summary>Adapters are small, and each was read from a folder that is still there.</summary>
    private const int MostAdapters = 64;

    private readonly MemoryProbe _memory = memory ?? MemoryProbe.Machine;
    private readonly SharedLoads<LoadedModel> _models = new();
    private readonly SharedLoads<LoraAdapter> _adapters = new(MostAdapters);
    private readonly SharedLoads<LoraFactors> _factors = new(MostAdapters);

    public ComputeThread Compute { get; } = compute;

    /// <summary>Paths of the base models in memory, those first that were not asked for the longest.</summary>
    public IReadOnlyList<string> LoadedModels => _models.Keys;

    /// <summary>The base model of a registered name, a Hugging Face folder or a GGUF file.</summary>
    /// <exception cref="UserInputException">There is no such model, or its files cannot be used.</exception>
    public Task<LoadedModel> LoadAsync(string nameOrPath)
    {
        string path = Path.GetFullPath(names?.PathOf(nameOrPath) ?? BaseModels.PathOf(nameOrPath));
        return _models.GetAsync(path, () => LoadPathAsync(path));
    }

    /// <summary>A PEFT adapter for a base model.</summary>
    /// <exception cref="UserInputException">The folder holds no adapter that fits the model.</exception>
    public Task<LoraAdapter> LoadAdapterAsync(LoadedModel model, string folder) =>
        _adapters.GetAsync(KeyOf(model, folder), () => Compute.RunAsync(WorkPriority.Interactive, () => PeftAdapter.Load(folder, model.Decoder.Config)));

    /// <summary>Disposes of all weights. Nothing may use them any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await Compute.RunAsync(WorkPriority.Interactive, () =>
        {
            foreach (IDisposable weights in (IEnumerable<IDisposable>)[.. _factors.Loaded, .. _adapters.Loaded, .. _models.Loaded.Select(x => x.Decoder)])
            {
                weights.Dispose();
            }
        });
    }

    /// <summary>An adapter's factors as the kernels read them, shared by all who serve it.</summary>
    internal Task<LoraFactors> FactorsAsync(LoadedModel model, string folder, LoraAdapter adapter) =>
        _factors.GetAsync(KeyOf(model, folder), () => Compute.RunAsync(WorkPriority.Interactive, () => new LoraFactors(adapter, model.Decoder.Config)));

    private static string KeyOf(LoadedModel model, string folder) => $"{model.Path}\n{Path.GetFullPath(folder)}";

    private async Task<LoadedModel> LoadPathAsync(string path)
    {
        using var source = ModelSource.Open(path);
        var tokenizer = source.ReadTokenizer();
        var template = source.ReadChatTemplate();
        var endTokens = source.ReadEndTokens();
        string hash = await source.HashAsync();
        MakeRoom(source.Config.ParameterCount * sizeof(float), path);
        var decoder = await Compute.RunAsync(
            WorkPriority.Interactive,
            () =>
            {
                using var weights = source.OpenWeights();
                return Decoder.Load(weights, source.Config, ComputeThread.Team);
            });
        return new(path, decoder, tokenizer, template, endTokens, hash);
    }

    /// <summary>Forgets models until there is memory for another one with as much again to work in, or nothing more to forget.</summary>
    private void MakeRoom(long bytes, string path)
    {
        while (_memory.AvailableBytes() < 2 * bytes && _models.Keys.FirstOrDefault(x => x != path) is { } oldest)
        {
            _models.Forget(oldest);
            // Weights are freed by their finalizers, once nobody has them any more.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
