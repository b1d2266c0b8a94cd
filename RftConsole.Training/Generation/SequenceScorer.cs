using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>Scores given sequences. Use it on the compute thread.</summary>
public static class SequenceScorer
{
    /// <summary>Tokens that go through the model at a time.</summary>
    private const int TokensAtATime = 256;

    /// <summary>The natural log-probability of each token but the first, given those before it.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="adapter">Its adapter, or null.</param>
    /// <param name="ids">Token ids, at least one and at most the context.</param>
    /// <exception cref="UserInputException">The sequence is empty, longer than the context, or has an id outside the vocabulary.</exception>
    public static float[] LogProbabilities(Decoder decoder, LoraAdapter? adapter, IReadOnlyList<int> ids)
    {
        float[] result = new float[ids.Count - 1 < 0 ? 0 : ids.Count - 1];
        Run(decoder, adapter, ids, (index, logits) =>
        {
            if (index < result.Length)
            {
                result[index] = (float)(logits[ids[index + 1]] - LogSum.Of(logits));
            }
        });
        return result;
    }

    /// <summary>The log-probabilities of all tokens after the last one, <c>[vocabulary]</c>.</summary>
    /// <inheritdoc cref="LogProbabilities" path="/param|/exception"/>
    public static float[] NextLogProbabilities(Decoder decoder, LoraAdapter? adapter, IReadOnlyList<int> ids)
    {
        float[] result = new float[decoder.Config.VocabularySize];
        Run(decoder, adapter, ids, (index, logits) =>
        {
            if (index == ids.Count - 1)
            {
                double sum = LogSum.Of(logits);
                for (int i = 0; i < result.Length; i++)
                {
                    result[i] = (float)(logits[i] - sum);
                }
            }
        });
        return result;
    }

    private static unsafe void Run(Decoder decoder, LoraAdapter? adapter, IReadOnlyList<int> ids, LogitsOf each)
    {
        var config = decoder.Config;
        if (ids.Count == 0 || ids.Count > config.ContextLength)
        {
            throw new UserInputException($"{ids.Count} tokens: at least 1 and at most the model's context of {config.ContextLength} can be scored");
        }

        if (ids.FirstOrDefault(x => x < 0 || x >= config.VocabularySize, 0) is var wrong && wrong != 0)
        {
            throw new UserInputException($"token id {wrong} is outside the vocabulary of {config.VocabularySize}");
        }

        var team = ComputeThread.Team;
        using var factors = adapter is null ? null : new LoraFactors(adapter, config);
        using var cache = new KeyValueCache(config, team);
        using var prompt = new CachedPrompt(config, ids.Count);
        using var pass = new ForwardPass(decoder, team, keep: false);
        using RowBuffer normed = new(config.HiddenSize), logits = new(config.VocabularySize);
        for (int start = 0; start < ids.Count; start += TokensAtATime)
        {
            int first = start, count = Math.Min(TokensAtATime, ids.Count - start);
            cache.PlanPrompts([new(prompt, start, count)]);
            pass.Run([.. ids.Skip(start).Take(count)], [.. Enumerable.Range(start, count)], cache, factors);
            pass.NormLast([.. Enumerable.Range(0, count)], normed);
            pass.Logits(normed, 0, count, logits);
            team.Run(count, i => each(first + i, logits.Span(i)));
        }
    }

    /// <summary>Gets the logits after the token at <paramref name="index"/>; called from several threads.</summary>
    private delegate void LogitsOf(int index, ReadOnlySpan<float> logits);
}
