using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>Scores chosen next tokens of sequences that begin alike: what they have in common is computed once. Use it on the compute thread.</summary>
public static class NextTokenScorer
{
    /// <summary>Tokens of one call, which is one slice of work on the compute thread.</summary>
    private const int MostTokens = 1536;

    /// <summary>
    /// Sequences, in their order, cut into calls for <see cref="Score"/>: neighbours with at least half of their tokens in common go together.
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
        int shared = sequences.Min(x => x.Length) - 1;
        foreach (int[] sequence in sequences)
        {
            shared = Math.Min(shared, sequences[0].AsSpan().CommonPrefixLength(sequence));
        }

        int[] prefix = sequences[0][..shared];
        var layout = new GroupedSequences([.. sequences.Select(x => (prefix, new ReadOnlyMemory<int>(x, shared, x.Length - shared)))]);
        var team = ComputeThread.Team;
        using var pass = new ForwardPass(decoder, team, keep: false);
        using RowBuffer normed = new(decoder.Config.HiddenSize), logits = new(decoder.Config.VocabularySize);
        pass.Run(layout.Ids, layout.Positions, new GroupedAttention(layout, decoder.Config, team), null);
        pass.NormLast([.. layout.Predictors.Select(x => x[^1])], normed);
        pass.Logits(normed, 0, sequences.Count, logits);
        float[][] scores = new float[sequences.Count][];
        team.Run(sequences.Count, i =>
        {
            var row = logits.Span(i);
            double sum = LogSum.Of(row);
            scores[i] = new float[next.Count];
            for (int j = 0; j < next.Count; j++)
            {
                scores[i][j] = (float)(row[next[j]] - sum);
            }
        });
        return scores;
    }
}
