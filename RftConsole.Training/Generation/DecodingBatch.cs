using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>How to sample.</summary>
/// <param name="Temperature">0 is greedy.</param>
/// <param name="TopP">1 keeps the whole distribution.</param>
/// <param name="MaxTokens">Most tokens of a completion.</param>
public sealed record SamplingOptions(double Temperature, double TopP, int MaxTokens)
{
    public static SamplingOptions Greedy(int maxTokens) => new(0, 1, maxTokens);
}

/// <summary>One generated continuation.</summary>
/// <param name="Tokens">Token ids, the end token included where it came.</param>
/// <param name="LogProbabilities">Natural log-probability of each, see <see cref="SampledToken"/>.</param>
/// <param name="Ended">Whether the end token came; otherwise the limit did.</param>
public sealed record Completion(int[] Tokens, float[] LogProbabilities, bool Ended)
{
    /// <summary><c>stop</c> or <c>length</c>.</summary>
    public string FinishReason => Ended ? "stop" : "length";
}

/// <summary>The uniform number in [0, 1) for one token, a pure function of its place.</summary>
public delegate double TokenRandom(int prompt, int sample, int token);

/// <summary>Groups of continuations of several prompts, all known from the start and sampled alike: a <see cref="ContinuousBatch"/> of its own for a job's rollouts. Each call is one slice for the compute thread.</summary>
public sealed class DecodingBatch : IDisposable
{
    /// <summary>Most continuations that are decoded together, whatever room there is: more gain nothing.</summary>
    private const int MostRows = 256;

    /// <summary>Fewer would waste the processor.</summary>
    private const int LeastRows = 32;

    /// <summary>Memory for the continuations' own keys and values.</summary>
    private const long CacheBytes = 384L << 20;

    private readonly ContinuousBatch _batch;
    private readonly LoraFactors? _adapter;
    private readonly SequenceGroup[] _groups;

    /// <param name="model">The model.</param>
    /// <param name="adapter">The adapter, or null.</param>
    /// <param name="prompts">Token ids of each prompt, each shorter than the context.</param>
    /// <param name="groupSize">Continuations of each prompt.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="random">Random numbers by place.</param>
    /// <param name="mostRows">Most continuations that are decoded together, of which one group always is; null for <see cref="RowsFor"/>.</param>
    public DecodingBatch(LoadedModel model, LoraAdapter? adapter, IReadOnlyList<int[]> prompts, int groupSize, SamplingOptions options, TokenRandom random, int? mostRows = null)
    {
        var config = model.Decoder.Config;
        GroupSize = groupSize;
        _batch = new(model, mostRows ?? RowsFor(config, options.MaxTokens));
        _adapter = adapter is null ? null : new LoraFactors(adapter, config);
        _groups = [.. prompts.Select((prompt, i) => new SequenceGroup(prompt, groupSize, options, (sample, token) => random(i, sample, token), config) { Adapter = _adapter })];
        foreach (var group in _groups)
        {
            _batch.Add(group);
        }
    }

    public int GroupSize { get; }

    /// <summary>How many continuations are decoded together: as many as fit the memory for their keys and values. It changes no result.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="maxTokens">Most tokens of a continuation.</param>
    public static int RowsFor(DecoderConfig config, int maxTokens) => (int)Math.Clamp(CacheBytes / KeyValueCache.BytesOf(config, Math.Min(maxTokens, config.ContextLength)), LeastRows, MostRows);

    /// <summary>Whether all continuations have ended.</summary>
    public bool Finished => _batch.Finished;

    /// <summary>Whether the next call of <see cref="Advance"/> runs prompts, rather than one more token of each continuation.</summary>
    public bool PromptIsNext => _batch.PromptIsNext;

    /// <summary>The tokens of one continuation so far.</summary>
    public IReadOnlyList<int> TokensOf(int prompt, int sample) => _groups[prompt].Sequences[sample].Tokens;

    /// <summary>One slice of work: some prompts, or a part of a long one, or one more token of each continuation. False when all have ended.</summary>
    public bool Advance() => _batch.Advance();

    /// <summary>The continuations of each prompt.</summary>
    public Completion[][] Completions() =>
        [.. _groups.Select(group => group.Sequences.Select(x => new Completion([.. x.Tokens], [.. x.LogProbabilities], x.Ended)).ToArray())];

    public void Dispose()
    {
        _batch.Dispose();
        _adapter?.Dispose();
    }
}
