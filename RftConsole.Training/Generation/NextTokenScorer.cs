using System.Runtime.InteropServices;

using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Generation;

/// <summary>Scores chosen next tokens of sequences that begin alike: what they have in common is computed once. Use it on the compute thread.</summary>
public static class NextTokenScorer
{
    /// <summary>Tokens of one call: more make the attention matrix, which holds every pair, larger than what is saved.</summary>
    private const int MostTokens = 1536;

    /// <summary>
    /// Sequences, in their order, cut into calls for <see cref="Score"/>: neighbours with at least half of their tokens in common go together. A function of the
    /// sequences alone, because the last bits of a result depend on what is computed beside it.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<int[]>> Calls(IReadOnlyList<int[]> sequences)
    {
        List<IReadOnlyList<int[]>> calls = [];
        List<int[]> current = [];
        int shared = 0;
        foreach (int[] sequence in sequences)
        {
            int common = current.Count == 0 ? sequence.Length - 1 : Math.Min(Math.Min(shared, sequence.Length - 1), current[0].AsSpan().CommonPrefixLength(sequence));
            int longest = Math.Max(sequence.Length, current.Count == 0 ? 0 : current.Max(x => x.Length));
            bool fits = current.Count == 0 || (common * 2 >= longest && common + ((current.Count + 1) * (longest - common)) <= MostTokens);
            if (!fits)
            {
                calls.Add(current);
                (current, common) = ([], sequence.Length - 1);
            }

            current.Add(sequence);
            shared = common;
        }

        if (current.Count > 0)
        {
            calls.Add(current);
        }

        return calls;
    }

    /// <summary>The natural log-probability of each token of <paramref name="next"/> after each sequence: <c>[sequence][token]</c>.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="sequences">Token ids, each at least 1 and at most the context.</param>
    /// <param name="next">Tokens of the vocabulary.</param>
    public static float[][] Score(Decoder decoder, IReadOnlyList<int[]> sequences, IReadOnlyList<int> next)
    {
        using var noGradient = no_grad();
        int prefix = sequences.Min(x => x.Length) - 1;
        foreach (int[] sequence in sequences)
        {
            prefix = Math.Min(prefix, sequences[0].AsSpan().CommonPrefixLength(sequence));
        }

        int columns = sequences.Max(x => x.Length) - prefix;
        int total = prefix + (sequences.Count * columns);
        long[] ids = new long[total];
        long[] positions = new long[total];
        long[] last = new long[sequences.Count];
        for (int i = 0; i < prefix; i++)
        {
            (ids[i], positions[i]) = (sequences[0][i], i);
        }

        for (int s = 0; s < sequences.Count; s++)
        {
            int start = prefix + (s * columns);
            for (int i = 0; i < columns; i++)
            {
                // Padding stands to the right of a sequence's end, where nothing looks at it.
                positions[start + i] = Math.Min(prefix + i, decoder.Config.ContextLength - 1);
                ids[start + i] = prefix + i < sequences[s].Length ? sequences[s][prefix + i] : 0;
            }

            last[s] = start + sequences[s].Length - prefix - 1;
        }

        var hidden = decoder.Forward(tensor(ids, [1, total]), tensor(positions, [1, total]), new PrefixAttention(prefix, sequences.Count, columns), null).squeeze(0);
        var chosen = decoder.Logits(hidden.index_select(0, tensor(last))).log_softmax(1).index_select(1, tensor(next.Select(x => (long)x).ToArray())).contiguous();
        float[] values = MemoryMarshal.Cast<byte, float>(chosen.bytes).ToArray();
        return [.. values.Chunk(next.Count)];
    }

    /// <summary>Attention of a prefix followed by branches, each of which sees the prefix and itself.</summary>
    private sealed class PrefixAttention : IAttention
    {
        private readonly Tensor _mask;

        /// <summary>Makes the mask in the current dispose scope.</summary>
        public PrefixAttention(int prefix, int branches, int columns)
        {
            int total = prefix + (branches * columns);
            _mask = full([total, total], float.NegativeInfinity);
            if (prefix > 0)
            {
                _mask[TensorIndex.Slice(0, prefix), TensorIndex.Slice(0, prefix)] = full([prefix, prefix], float.NegativeInfinity).triu(1);
                _mask[TensorIndex.Slice(prefix), TensorIndex.Slice(0, prefix)] = 0;
            }

            var own = full([columns, columns], float.NegativeInfinity).triu(1);
            for (int b = 0; b < branches; b++)
            {
                int start = prefix + (b * columns);
                _mask[TensorIndex.Slice(start, start + columns), TensorIndex.Slice(start, start + columns)] = own;
            }
        }

        public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value)
        {
            long heads = query.size(2), shared = heads / key.size(2);
            var attended = nn.functional.scaled_dot_product_attention(
                query.transpose(1, 2), Repeat(key, shared).transpose(1, 2), Repeat(value, shared).transpose(1, 2), _mask);
            return attended.transpose(1, 2).reshape(query.size(0), query.size(1), heads * query.size(3));
        }

        private static Tensor Repeat(Tensor x, long times) =>
            times == 1 ? x : x.unsqueeze(3).expand(x.size(0), x.size(1), x.size(2), times, x.size(3)).reshape(x.size(0), x.size(1), x.size(2) * times, x.size(3));
    }
}
