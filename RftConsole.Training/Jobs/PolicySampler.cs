using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Jobs;

/// <summary>
/// The model that samples for a job: the policy with its adapter merged into the weights, which costs one product a linear layer a step, where the adapter's own
/// products would cost as much at each token. It equals the model that is trained up to the rounding of a sum; the metric
/// <see cref="MetricNames.LogProbabilityGap"/> watches over that.
/// </summary>
public sealed class PolicySampler(LoadedModel model, LoraAdapter adapter, ComputeThread compute) : IAsyncDisposable
{
    private LoadedModel? _merged;
    private bool _current;

    /// <summary>To be called when the adapter has changed.</summary>
    public void PolicyChanged() => _current = false;

    /// <summary>The model as it is now; to be used without an adapter.</summary>
    public async Task<LoadedModel> ModelAsync(CancellationToken cancellationToken)
    {
        _merged ??= model with { Decoder = await compute.RunAsync(WorkPriority.Training, model.Decoder.CreateSampler, cancellationToken) };
        if (!_current)
        {
            await compute.RunAsync(WorkPriority.Training, () => model.Decoder.MergeInto(_merged.Decoder, adapter, ComputeThread.Team), cancellationToken);
            _current = true;
        }

        return _merged;
    }

    public async ValueTask DisposeAsync()
    {
        if (_merged is not null)
        {
            await compute.RunAsync(WorkPriority.Training, _merged.Decoder.Dispose);
        }
    }
}
