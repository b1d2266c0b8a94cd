using System.Runtime.InteropServices;

using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Generation;

/// <summary>Scores given sequences. Use it on the compute thread.</summary>
public static class SequenceScorer
{
    private const int LogitsPerChunk = 16_000_000;

    /// <summary>The natural log-probability of each token but the first, given those before it.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="adapter">Its adapter, or null.</param>
    /// <param name="ids">Token ids, at least one and at most the context.</param>
    /// <exception cref="UserInputException">The sequence is empty, longer than the context, or has an id outside the vocabulary.</exception>
    public static float[] LogProbabilities(Decoder decoder, LoraAdapter? adapter, IReadOnlyList<int> ids)
    {
        using var noGradient = no_grad();
        var hidden = Hidden(decoder, adapter, ids);
        float[] result = new float[ids.Count - 1];
        int rows = Math.Max(1, LogitsPerChunk / decoder.Config.VocabularySize);
        for (int start = 0; start < result.Length; start += rows)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(rows, result.Length - start);
            var next = tensor(ids.Skip(start + 1).Take(count).Select(x => (long)x).ToArray()).unsqueeze(1);
            var chosen = decoder.Logits(hidden.narrow(0, start, count)).log_softmax(1).gather(1, next).contiguous();
            MemoryMarshal.Cast<byte, float>(chosen.bytes).CopyTo(result.AsSpan(start));
        }

        return result;
    }

    /// <summary>The log-probabilities of all tokens after the last one, <c>[vocabulary]</c>.</summary>
    /// <inheritdoc cref="LogProbabilities" path="/param|/exception"/>
    public static float[] NextLogProbabilities(Decoder decoder, LoraAdapter? adapter, IReadOnlyList<int> ids)
    {
        using var noGradient = no_grad();
        var last = decoder.Logits(Hidden(decoder, adapter, ids).narrow(0, ids.Count - 1, 1)).log_softmax(1);
        return MemoryMarshal.Cast<byte, float>(last.bytes).ToArray();
    }

    /// <summary>Hidden states <c>[time, hidden]</c>.</summary>
    private static Tensor Hidden(Decoder decoder, LoraAdapter? adapter, IReadOnlyList<int> ids)
    {
        if (ids.Count == 0 || ids.Count > decoder.Config.ContextLength)
        {
            throw new UserInputException($"{ids.Count} tokens: at least 1 and at most the model's context of {decoder.Config.ContextLength} can be scored");
        }

        if (ids.FirstOrDefault(x => x < 0 || x >= decoder.Config.VocabularySize, 0) is var wrong && wrong != 0)
        {
            throw new UserInputException($"token id {wrong} is outside the vocabulary of {decoder.Config.VocabularySize}");
        }

        return decoder.Forward(tensor(ids.Select(x => (long)x).ToArray(), [1, ids.Count]), arange(ids.Count).unsqueeze(0), CausalAttention.Instance, adapter).squeeze(0);
    }
}
