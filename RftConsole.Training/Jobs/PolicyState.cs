using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Jobs;

/// <summary>The tensors of a job: adapter and optimiser moments. Use it on the compute thread.</summary>
public sealed class PolicyState : IDisposable
{
    private const string OptimizerFile = "optimizer.safetensors";

    private PolicyState(LoraAdapter adapter, Hyperparameters hyperparameters)
    {
        Adapter = adapter;
        adapter.RequireGradients();
        Optimizer = new AdamW(adapter.Parameters(), new AdamWOptions(WeightDecay: hyperparameters.WeightDecay));
    }

    public LoraAdapter Adapter { get; }

    public AdamW Optimizer { get; }

    /// <summary>A new adapter that changes nothing yet, or the one in the folder <paramref name="initialAdapter"/> to go on from.</summary>
    public static PolicyState Create(DecoderConfig config, Hyperparameters h, string? initialAdapter = null)
    {
        if (initialAdapter is null)
        {
            return new(NewAdapter(config, h), h);
        }

        // The adapter remembers what it is trained with now.
        var loaded = PeftAdapter.Load(initialAdapter, config);
        return new(new(loaded.Shape, loaded.Linears.ToDictionary(x => (x.Layer, x.Target), x => x.Linear)) { ReasoningEffort = h.ReasoningEffort }, h);
    }

    private static LoraAdapter NewAdapter(DecoderConfig config, Hyperparameters h) =>
        LoraAdapter.Create(config, new(h.LoraRank, h.LoraAlpha, [.. WeightShapes.LinearLayers.Where(h.LoraTargets.Contains)]), h.Seed, h.ReasoningEffort);

    /// <summary>Adapter and moments of a checkpoint.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <param name="config">The base model's shape.</param>
    /// <param name="h">The job's hyperparameters.</param>
    /// <param name="updates">Optimiser updates made so far.</param>
    public static PolicyState Load(string checkpoint, DecoderConfig config, Hyperparameters h, int updates)
    {
        using var file = SafetensorsFile.Open(Path.Combine(checkpoint, OptimizerFile));
        var state = new PolicyState(PeftAdapter.Load(checkpoint, config), h);
        foreach (var (name, moment) in state.Optimizer.State())
        {
            moment.copy_(file.Read(name, moment.shape));
        }

        state.Optimizer.StepCount = updates;
        return state;
    }

    /// <summary>Writes adapter and moments into a folder.</summary>
    public void Save(string folder, string baseModel)
    {
        PeftAdapter.Save(Adapter, folder, baseModel);
        SafetensorsWriter.Write(Path.Combine(folder, OptimizerFile), Optimizer.State().ToDictionary(x => x.Name, x => x.Moment));
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Adapter.Dispose();
    }
}
