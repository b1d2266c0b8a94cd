using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>One of the likeliest tokens at a place, with its natural log-probability under the model (temperature 1).</summary>
public readonly record struct LikelyToken(int Id, float LogProbability);

/// <summary>One prompt in a batch, and the continuations that are sampled of it.</summary>
internal sealed class SequenceGroup
{
    /// <param name="prompt">Token ids, fewer than the context.</param>
    /// <param name="size">Continuations.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="random">The uniform number in [0, 1) for a continuation's token, a pure function of its place.</param>
    /// <param name="config">The model's shape.</param>
    public SequenceGroup(int[] prompt, int size, SamplingOptions options, Func<int, int, double> random, DecoderConfig config)
    {
        (Prompt, Options, Random) = (prompt, options, random);
        int limit = Math.Min(options.MaxTokens, config.ContextLength - prompt.Length);
        Sequences = [.. Enumerable.Range(0, size).Select(index => new Sequence(this, index, limit))];
        ReservedBytes = size * KeyValueCache.BytesOf(config, limit);
    }

    public int[] Prompt { get; }

    public SamplingOptions Options { get; }

    public Func<int, int, double> Random { get; }

    /// <summary>The adapter of all its continuations; null for the base model.</summary>
    public LoraFactors? Adapter { get; init; }

    /// <summary>How many of the likeliest tokens are kept at each place; null keeps no log-probabilities of the model either.</summary>
    public int? LikeliestTokens { get; init; }

    public Sequence[] Sequences { get; }

    /// <summary>Memory that the continuations' own keys and values may come to need.</summary>
    public long ReservedBytes { get; }

    /// <summary>Whether all continuations have ended.</summary>
    public bool Done => Array.TrueForAll(Sequences, x => x.Done);

    /// <summary>The prompt's keys and values, while continuations need them.</summary>
    public CachedPrompt? Cached { get; set; }

    /// <summary>Tokens of the prompt that have run.</summary>
    public int PromptDone { get; set; }

    /// <summary>Ends all continuations with the batch's next slice.</summary>
    public void Stop()
    {
        foreach (var sequence in Sequences)
        {
            sequence.Stop();
        }
    }
}

/// <summary>One continuation.</summary>
internal sealed class Sequence(SequenceGroup group, int index, int limit)
{
    private volatile bool _stopped;

    public SequenceGroup Group { get; } = group;

    /// <summary>Its place in the group.</summary>
    public int Index { get; } = index;

    public CachedContinuation? Cached { get; set; }

    public List<int> Tokens { get; } = [];

    public List<float> LogProbabilities { get; } = [];

    /// <summary>For each token: the model's own log-probability of it, and the likeliest ones; empty where nobody asked.</summary>
    public List<(float LogProbability, LikelyToken[] Likeliest)> Alternatives { get; } = [];

    /// <summary>Whether the end token came.</summary>
    public bool Ended { get; private set; }

    public bool Done => Ended || _stopped || Tokens.Count >= limit;

    /// <summary>Ends it with the batch's next slice. May be called by any thread.</summary>
    public void Stop() => _stopped = true;

    public void Add(SampledToken token, IReadOnlySet<int> endTokens)
    {
        Tokens.Add(token.Id);
        LogProbabilities.Add(token.LogProbability);
        Ended = endTokens.Contains(token.Id);
    }
}
