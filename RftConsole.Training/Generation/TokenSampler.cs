using System.Numerics.Tensors;

using RftConsole.Training.Kernels;

namespace RftConsole.Training.Generation;

/// <summary>
/// A sampled token and its natural log-probability under the softmax of the logits divided by the temperature (greedy: at temperature 1); a nucleus is cut
/// out of that distribution and does not change it.
/// </summary>
public readonly record struct SampledToken(int Id, float LogProbability);

/// <summary>
/// Draws tokens by inverting the cumulative distribution in the vocabulary's order: one uniform number a token, so that the number is a pure function of
/// (seed, step, prompt, sample, token), where Gumbel-max would need one for each entry of the vocabulary. The softmax is needed for the log-probability anyhow.
/// </summary>
public static class TokenSampler
{
    /// <summary>Samples from one row of logits, which is overwritten.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    /// <param name="temperature">0 is greedy: the largest logit, the first one where several are equal.</param>
    /// <param name="topP">Below 1: only the likeliest tokens that together reach this probability.</param>
    /// <param name="uniform">In [0, 1).</param>
    public static SampledToken Sample(Span<float> logits, double temperature, double topP, double uniform)
    {
        bool greedy = temperature == 0;
        if (!greedy && temperature != 1)
        {
            TensorPrimitives.Multiply(logits, (float)(1 / temperature), logits);
        }

        int best = TensorPrimitives.IndexOfMax(logits);
        float largest = logits[best];
        if (!float.IsFinite(largest))
        {
            throw new InvalidOperationException("the model's logits are not finite");
        }

        // Where the trainer has the same numbers, it sums them in the same order, from the same alignment.
        var p = Scratch.Span(0, logits.Length);
        TensorPrimitives.Subtract(logits, largest, p);
        TensorPrimitives.Exp(p, p);
        double total = LogSum.Sum(p);
        int id = greedy ? best : topP < 1 ? Nucleus(p, total * topP, uniform) : Invert(p, uniform * total, best);
        return new(id, (float)(logits[id] - (largest + Math.Log(total))));
    }

    /// <summary>The natural log-probability of a token under the model's own distribution (temperature 1), and the likeliest tokens, likeliest first.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, as the model gave them.</param>
    /// <param name="id">The token.</param>
    /// <param name="count">How many of the likeliest.</param>
    public static (float LogProbability, LikelyToken[] Likeliest) Likeliest(ReadOnlySpan<float> logits, int id, int count)
    {
        double sum = LogSum.Of(logits);
        var best = new PriorityQueue<int, (float Logit, int Order)>();
        for (int i = 0; i < logits.Length && count > 0; i++)
        {
            if (best.Count < count)
            {
                best.Enqueue(i, (logits[i], -i));
            }
            else
            {
                best.EnqueueDequeue(i, (logits[i], -i));
            }
        }

        var likeliest = new LikelyToken[best.Count];
        for (int i = likeliest.Length - 1; i >= 0; i--)
        {
            int token = best.Dequeue();
            likeliest[i] = new(token, (float)(logits[token] - sum));
        }

        return ((float)(logits[id] - sum), likeliest);
    }

    private static int Invert(ReadOnlySpan<float> weights, double target, int fallback)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i += 256)
        {
            var block = weights.Slice(i, Math.Min(256, weights.Length - i));
            double next = sum + TensorPrimitives.Sum(block);
            if (next > target)
            {
                int last = fallback;
                for (int j = 0; j < block.Length; j++)
                {
                    sum += block[j];
                    last = block[j] > 0 ? i + j : last;
                    if (sum > target)
                    {
                        return i + j;
                    }
                }

                // The block's sum in single precision lies above the target and the one in double precision does not.
                return last;
            }

            sum = next;
        }

        // Rounding can leave the target a hair above the sum.
        return fallback;
    }

    private static int Nucleus(ReadOnlySpan<float> weights, double mass, double uniform)
    {
        int[] order = [.. Enumerable.Range(0, weights.Length)];
        float[] keys = weights.ToArray();
        Array.Sort(keys, order);
        double kept = 0;
        int first = order.Length;
        while (first > 0 && kept < mass)
        {
            kept += keys[--first];
        }

        double target = uniform * kept;
        double sum = 0;
        for (int i = order.Length - 1; i > first; i--)
        {
            sum += keys[i];
            if (sum > target)
            {
                return order[i];
            }
        }

        return order[first];
    }
}
