using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Grpo;

/// <summary>
/// The forward and backward pass of some rollouts, in slices of a layer each. Gradients add up until <see cref="MoveGradients"/>. Use it on the compute thread.
/// </summary>
public sealed class MicroBatch : IDisposable
{
    private readonly Decoder _policy;
    private readonly Decoder _base;
    private readonly LoraAdapter _adapter;
    private readonly GrpoOptions _options;
    private readonly WorkerTeam _team;
    private readonly ForwardPass _forward;
    private ForwardPass? _reference;
    private readonly LoraFactors _factors;
    private readonly LoraGradients _gradients;
    private readonly BackwardPass _backward;
    private readonly ResponseLoss _loss;
    private readonly RowBuffer _normed;

    /// <param name="policy">The policy: the base model with the adapter merged into it.</param>
    /// <param name="baseModel">The base model, for the KL term.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="options">The loss.</param>
    public MicroBatch(Decoder policy, Decoder baseModel, LoraAdapter adapter, GrpoOptions options)
    {
        (_policy, _base, _adapter, _options, _team) = (policy, baseModel, adapter, options, ComputeThread.Team);
        _forward = new ForwardPass(policy, _team, keep: true);
        _factors = new LoraFactors(adapter, policy.Config);
        _gradients = new LoraGradients(adapter, _factors, policy.Config, _team);
        _backward = new BackwardPass(policy, _forward, _gradients, _team);
        _loss = new ResponseLoss(policy, _forward, _team, options);
        _normed = new RowBuffer(policy.Config.HiddenSize);
    }

    /// <summary>Whether a rollout contributes to the gradient.</summary>
    public static bool NeedsGradient(TrainingRollout rollout, GrpoOptions options) => rollout.Advantage != 0 || options.KlCoefficient != 0;

    /// <summary>Takes over an adapter's factors that have changed.</summary>
    public void AdapterChanged() => _factors.Set(_adapter);

    /// <summary>Adds the gradients that have come together to those of the adapter's tensors.</summary>
    public void MoveGradients() => _gradients.MoveTo(_adapter);

    /// <summary>
    /// The slices of work that add the gradient of these rollouts' share of the batch's loss. Each step of the enumeration is one slice; the last one gives the sums.
    /// </summary>
    /// <param name="rollouts">Rollouts; those that hold the same prompt array form a group.</param>
    /// <param name="batchTokens">Completion tokens of the whole batch.</param>
    /// <param name="batchCompletions">Completions of the whole batch.</param>
    public IEnumerable<MicroBatchSums?> Slices(IReadOnlyList<TrainingRollout> rollouts, long batchTokens, int batchCompletions)
    {
        // The last token of a completion predicts nothing, so it is not computed.
        var layout = new GroupedSequences([.. rollouts.Select(x => (x.Prompt, new ReadOnlyMemory<int>(x.Completion, 0, x.Completion.Length - 1)))]);
        int[] predictors = [.. layout.Predictors.SelectMany(x => x)];
        var attention = new GroupedAttention(layout, _policy.Config, _team);
        int[] targets = [.. rollouts.SelectMany(x => x.Completion)];
        float[] reference = [];
        if (_options.KlCoefficient != 0)
        {
            _reference ??= new ForwardPass(_base, _team, keep: false);
            foreach (int layer in Forward(_reference, layout, predictors, attention))
            {
                yield return null;
            }

            reference = [.. Chunks(targets.Length).SelectMany(x => _loss.LogProbabilities(_normed, x.First, targets.AsSpan(x.First, x.Count)))];
            yield return null;
        }

        foreach (int layer in Forward(_forward, layout, predictors, attention))
        {
            yield return null;
        }

        bool gradient = rollouts.Any(x => NeedsGradient(x, _options));
        if (gradient)
        {
            _backward.Begin();
        }

        var inputs = TokenInputs(rollouts, reference, batchTokens, batchCompletions);
        var sums = new MicroBatchSums(0, 0, 0, 0, 0, 0);
        foreach (var (first, count) in Chunks(targets.Length))
        {
            var part = _loss.Run(_normed, first, targets.AsSpan(first, count), inputs.AsSpan(first, count), gradient ? _backward : null, predictors.AsSpan(first, count));
            sums = new(
                sums.Loss + part.Loss,
                sums.Entropy + part.Entropy,
                sums.Kl + part.Kl,
                sums.ClippedLow + part.ClippedLow,
                sums.ClippedHigh + part.ClippedHigh,
                Math.Max(sums.LogProbabilityGap, part.LogProbabilityGap));
            yield return null;
        }

        for (int layer = _policy.Config.LayerCount - 1; gradient && layer >= 0; layer--)
        {
            _backward.RunLayer(layer, attention);
            yield return null;
        }

        yield return sums;
    }

    public void Dispose()
    {
        _forward.Dispose();
        _reference?.Dispose();
        _factors.Dispose();
        _gradients.Dispose();
        _backward.Dispose();
        _loss.Dispose();
        _normed.Dispose();
    }

    private IEnumerable<int> Forward(ForwardPass pass, GroupedSequences layout, int[] predictors, GroupedAttention attention)
    {
        pass.Begin(layout.Ids, layout.Positions);
        for (int layer = 0; layer < _policy.Config.LayerCount; layer++)
        {
            pass.RunLayer(layer, attention, null);
            yield return layer;
        }

        pass.NormLast(predictors, _normed);
    }

    private IEnumerable<(int First, int Count)> Chunks(int tokens)
    {
        for (int first = 0; first < tokens; first += _loss.ChunkRows)
        {
            yield return (first, Math.Min(_loss.ChunkRows, tokens - first));
        }
    }

    private TokenLossInputs[] TokenInputs(IReadOnlyList<TrainingRollout> rollouts, float[] reference, long batchTokens, int batchCompletions)
    {
        var inputs = new List<TokenLossInputs>();
        foreach (var rollout in rollouts)
        {
            double weight = PolicyLoss.TokenWeight(_options, rollout.Completion.Length, batchTokens, batchCompletions);
            foreach (float old in rollout.OldLogProbabilities)
            {
                inputs.Add(new(0, old, reference.Length > 0 ? reference[inputs.Count] : 0, rollout.Advantage, weight));
            }
        }

        return [.. inputs];
    }
}
