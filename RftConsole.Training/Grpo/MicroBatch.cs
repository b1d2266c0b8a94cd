using System.Runtime.InteropServices;

using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Grpo;

/// <summary>Sums over the tokens of a micro-batch.</summary>
public sealed record MicroBatchSums(double Loss, double Entropy, double Kl, int ClippedLow, int ClippedHigh, double LogProbabilityGap);

/// <summary>The forward and backward pass of some rollouts. Use it on the compute thread; gradients add up in the adapter.</summary>
public sealed class MicroBatch(Decoder decoder, LoraAdapter adapter, GrpoOptions options)
{
    /// <summary>Most logits that are held at once: 64 MB, a few times over for the softmax and its gradient.</summary>
    private const int LogitsPerChunk = 16_000_000;

    /// <summary>Whether a rollout contributes to the gradient.</summary>
    public bool NeedsGradient(TrainingRollout rollout) => rollout.Advantage != 0 || options.KlCoefficient != 0;

    /// <summary>Adds the gradient of these rollouts' share of the batch's loss.</summary>
    /// <param name="rollouts">Rollouts; those that hold the same prompt array form a group.</param>
    /// <param name="batchTokens">Completion tokens of the whole batch.</param>
    /// <param name="batchCompletions">Completions of the whole batch.</param>
    public MicroBatchSums Run(IReadOnlyList<TrainingRollout> rollouts, long batchTokens, int batchCompletions)
    {
        bool gradient = rollouts.Any(NeedsGradient);
        using var mode = set_grad_enabled(gradient);
        var hidden = ResponseStates(rollouts, adapter);
        double[] reference = options.KlCoefficient != 0 ? ReferenceLogProbabilities(rollouts) : [];
        var inputs = TokenInputs(rollouts, reference, batchTokens, batchCompletions);
        long[] targets = [.. rollouts.SelectMany(x => x.Completion).Select(x => (long)x)];

        using var noGradient = no_grad();
        var states = hidden.detach();
        var stateGradient = gradient ? empty_like(states) : null;
        double loss = 0, entropy = 0, kl = 0, gap = 0;
        int low = 0, high = 0;
        int rows = Math.Max(1, LogitsPerChunk / decoder.Config.VocabularySize);
        for (int start = 0; start < targets.Length; start += rows)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(rows, targets.Length - start);
            var chosen = tensor(targets.AsSpan(start, count).ToArray()).unsqueeze(1);
            var logProbabilities = ScaledLogits(states.narrow(0, start, count)).log_softmax(1);
            float[] news = Values(logProbabilities.gather(1, chosen));
            var probabilities = logProbabilities.exp();
            entropy -= (probabilities * logProbabilities).sum(ScalarType.Float64).item<double>();

            float[] slopes = new float[count];
            for (int i = 0; i < count; i++)
            {
                var token = inputs[start + i] with { New = news[i] };
                var result = PolicyLoss.Of(token, options);
                slopes[i] = (float)(result.Gradient / options.Temperature);
                loss += result.Loss;
                kl += result.Kl;
                low += result.ClippedLow ? 1 : 0;
                high += result.ClippedHigh ? 1 : 0;
                gap = Math.Max(gap, Math.Abs(token.New - token.Old));
            }

            if (stateGradient is not null)
            {
                // d log p(chosen) / d logits = onehot(chosen) − p.
                var slope = tensor(slopes).unsqueeze(1);
                var logitGradient = probabilities.mul_(-slope).scatter_add_(1, chosen, slope);
                stateGradient.narrow(0, start, count).copy_(logitGradient.matmul(decoder.OutputWeight));
            }
        }

        if (stateGradient is not null)
        {
            using var withGradient = enable_grad();
            (hidden * stateGradient).sum().backward();
        }

        return new(loss, entropy, kl, low, high, gap);
    }

    private static float[] Values(Tensor x)
    {
        using var contiguous = x.contiguous();
        return MemoryMarshal.Cast<byte, float>(contiguous.bytes).ToArray();
    }

    /// <summary>Log-probabilities of the completions' tokens under the base model.</summary>
    private double[] ReferenceLogProbabilities(IReadOnlyList<TrainingRollout> rollouts)
    {
        using var noGradient = no_grad();
        var states = ResponseStates(rollouts, null);
        long[] targets = [.. rollouts.SelectMany(x => x.Completion).Select(x => (long)x)];
        double[] result = new double[targets.Length];
        int rows = Math.Max(1, LogitsPerChunk / decoder.Config.VocabularySize);
        for (int start = 0; start < targets.Length; start += rows)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(rows, targets.Length - start);
            var chosen = tensor(targets.AsSpan(start, count).ToArray()).unsqueeze(1);
            float[] values = Values(ScaledLogits(states.narrow(0, start, count)).log_softmax(1).gather(1, chosen));
            for (int i = 0; i < count; i++)
            {
                result[start + i] = values[i];
            }
        }

        return result;
    }

    private Tensor ScaledLogits(Tensor states)
    {
        var logits = decoder.Logits(states);
        return options.Temperature == 1 ? logits : logits.div_(options.Temperature);
    }

    /// <summary>The hidden states that predict the completions' tokens, <c>[tokens, hidden]</c>, one rollout after the other.</summary>
    private Tensor ResponseStates(IReadOnlyList<TrainingRollout> rollouts, LoraAdapter? lora)
    {
        var layout = new GroupedSequences(rollouts);
        var hidden = decoder.Forward(
            tensor(layout.Ids, [1, layout.Ids.Length]), tensor(layout.Positions, [1, layout.Positions.Length]), new GroupedAttention(layout, decoder.Config), lora);
        return hidden.squeeze(0).index_select(0, tensor(layout.Predictors));
    }

    private TokenLossInputs[] TokenInputs(IReadOnlyList<TrainingRollout> rollouts, double[] reference, long batchTokens, int batchCompletions)
    {
        var inputs = new List<TokenLossInputs>();
        foreach (var rollout in rollouts)
        {
            double weight = PolicyLoss.TokenWeight(options, rollout.Completion.Length, batchTokens, batchCompletions);
            foreach (float old in rollout.OldLogProbabilities)
            {
                inputs.Add(new(0, old, reference.Length > 0 ? reference[inputs.Count] : 0, rollout.Advantage, weight));
            }
        }

        return [.. inputs];
    }
}
