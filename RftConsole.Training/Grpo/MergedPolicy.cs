using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Grpo;

/// <summary>
/// The policy with its adapter merged into the weights. Sampling and the trainer's forward pass both run it, with the same kernels, so that the log-probabilities of
/// a rollout are those of the policy that is trained, to the last bit. Merging costs one thin product a linear layer and update, where the adapter's own products
/// would cost as much at each token.
/// </summary>
/// <param name="model">The base model.</param>
/// <param name="adapter">Its adapter.</param>
/// <param name="compute">The compute thread.</param>
public sealed class MergedPolicy(LoadedModel model, LoraAdapter adapter, ComputeThread compute) : IAsyncDisposable
{
    private Decoder? _merged;
    private bool _current;

    /// <summary>The base model.</summary>
    public LoadedModel Model { get; } = model;

    public LoraAdapter Adapter { get; } = adapter;

    public ComputeThread Compute { get; } = compute;

    /// <summary>To be called when the adapter has changed.</summary>
    public void Changed() => _current = false;

    /// <summary>The policy as it is now; to be used without an adapter.</summary>
    public async Task<LoadedModel> CurrentAsync(CancellationToken cancellationToken)
    {
        _merged ??= await Compute.RunAsync(WorkPriority.Training, Model.Decoder.CreateMerged, cancellationToken);
        if (!_current)
        {
            await Compute.RunAsync(WorkPriority.Training, () => Model.Decoder.MergeInto(_merged, Adapter, ComputeThread.Team), cancellationToken);
            _current = true;
        }

        return Model with { Decoder = _merged };
    }

    public async ValueTask DisposeAsync()
    {
        if (_merged is not null)
        {
            await Compute.RunAsync(WorkPriority.Training, _merged.Dispose);
        }
    }
}
