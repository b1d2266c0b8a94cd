using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;
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

/// <summary>
/// Groups of continuations of several prompts that are decoded together, one token of each at a time: a continuation that has ended leaves, and the next group
/// enters as soon as there is room for it. What a continuation becomes does not depend on those beside it. Each call is one slice for the compute thread.
/// </summary>
public sealed class DecodingBatch : IDisposable
{
    /// <summary>Most continuations that are decoded together, whatever room there is: more gain nothing.</summary>
    private const int MostRows = 256;

    /// <summary>Fewer would waste the processor.</summary>
    private const int LeastRows = 32;

    /// <summary>Memory for the continuations' own keys and values.</summary>
    private const long CacheBytes = 384L << 20;

    /// <summary>Floating-point operations of a slice of prompts: about a quarter of a second on two cores.</summary>
    private const long OperationsPerSlice = 40_000_000_000;

    private readonly Decoder _decoder;
    private readonly LoraFactors? _adapter;
    private readonly SamplingOptions _options;
    private readonly IReadOnlySet<int> _endTokens;
    private readonly TokenRandom _random;
    private readonly int _mostRows;
    private readonly int _promptTokens;
    private readonly KeyValueCache _cache;
    private readonly ForwardPass _pass;
    private readonly RowBuffer _normed;
    private readonly RowBuffer _logits;
    private readonly Group[] _groups;
    private readonly List<Row> _active = [];
    private int _entered;

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
        (_decoder, _options, _endTokens, _random, _mostRows, GroupSize) = (model.Decoder, options, model.EndTokens, random, mostRows ?? RowsFor(config, options.MaxTokens), groupSize);
        _groups = [.. prompts.Select((prompt, i) => new Group(prompt, [.. Enumerable.Range(0, groupSize).Select(sample => new Row(i, sample, Math.Min(options.MaxTokens, config.ContextLength - prompt.Length)))]))];
        _promptTokens = (int)Math.Max(Tile.Rows, OperationsPerSlice / (2 * Math.Max(1, config.MatrixWeightCount - ((long)config.VocabularySize * config.HiddenSize))));
        _cache = new KeyValueCache(config, ComputeThread.Team);
        _pass = new ForwardPass(model.Decoder, ComputeThread.Team, keep: false);
        _adapter = adapter is null ? null : new LoraFactors(adapter, config);
        _normed = new RowBuffer(config.HiddenSize);
        _logits = new RowBuffer(config.VocabularySize);
    }

    public int GroupSize { get; }

    /// <summary>How many continuations are decoded together: as many as fit the memory for their keys and values. It changes no result.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="maxTokens">Most tokens of a continuation.</param>
    public static int RowsFor(DecoderConfig config, int maxTokens) => (int)Math.Clamp(CacheBytes / KeyValueCache.BytesOf(config, Math.Min(maxTokens, config.ContextLength)), LeastRows, MostRows);

    /// <summary>Whether all continuations have ended.</summary>
    public bool Finished => _entered == _groups.Length && _active.Count == 0;

    /// <summary>Whether the next call of <see cref="Advance"/> runs prompts, rather than one more token of each continuation.</summary>
    public bool PromptIsNext => _entered < _groups.Length && (_active.Count == 0 || _active.Count + GroupSize <= _mostRows);

    /// <summary>The tokens of one continuation so far.</summary>
    public IReadOnlyList<int> TokensOf(int prompt, int sample) => _groups[prompt].Rows[sample].Tokens;

    /// <summary>One slice of work: some prompts, or a part of a long one, or one more token of each continuation. False when all have ended.</summary>
    public bool Advance()
    {
        if (PromptIsNext)
        {
            RunPrompts();
        }
        else if (_active.Count > 0)
        {
            Decode();
        }

        return !Finished;
    }

    /// <summary>The continuations of each prompt.</summary>
    public Completion[][] Completions() =>
        [.. _groups.Select(group => group.Rows.Select(x => new Completion([.. x.Tokens], [.. x.LogProbabilities], x.Ended)).ToArray())];

    public void Dispose()
    {
        foreach (var group in _groups)
        {
            group.Cached?.Dispose();
        }

        foreach (var row in _active)
        {
            _cache.Release(row.Cached!);
        }

        _cache.Dispose();
        _pass.Dispose();
        _adapter?.Dispose();
        _normed.Dispose();
        _logits.Dispose();
    }

    private void RunPrompts()
    {
        var parts = new List<(Group Group, PromptPart Part)>();
        int left = _promptTokens;
        int rows = _active.Count;
        for (int i = _entered; i < _groups.Length && left > 0 && (rows == 0 || rows + GroupSize <= _mostRows); i++)
        {
            var group = _groups[i];
            group.Cached ??= new CachedPrompt(_decoder.Config, group.Prompt.Length);
            int count = Math.Min(left, group.Prompt.Length - group.Done);
            parts.Add((group, new(group.Cached, group.Done, count)));
            left -= count;
            rows += GroupSize;
        }

        int[] ids = [.. parts.SelectMany(x => x.Group.Prompt.Skip(x.Part.Start).Take(x.Part.Count))];
        int[] positions = [.. parts.SelectMany(x => Enumerable.Range(x.Part.Start, x.Part.Count))];
        _cache.PlanPrompts([.. parts.Select(x => x.Part)]);
        _pass.Run(ids, positions, _cache, _adapter);

        var last = new List<int>();
        var complete = new List<Row>();
        int end = 0;
        foreach (var (group, part) in parts)
        {
            end += part.Count;
            group.Done += part.Count;
            if (group.Done == group.Prompt.Length)
            {
                last.Add(end - 1);
                complete.AddRange(group.Rows);
                _entered++;
            }
        }

        if (last.Count > 0)
        {
            Sample([.. last], complete, GroupSize);
        }
    }

    private void Decode()
    {
        int highest = _decoder.Config.ContextLength - 1;
        int[] positions = [.. _active.Select(x => Math.Min(_groups[x.Prompt].Prompt.Length + x.Cached!.Length, highest))];
        _cache.PlanContinuations([.. _active.Select(x => x.Cached!)]);
        _pass.Run([.. _active.Select(x => x.Tokens[^1])], positions, _cache, _adapter);
        foreach (var row in _active)
        {
            row.Cached!.Length++;
        }

        Sample([.. Enumerable.Range(0, _active.Count)], _active, 1);
    }

    /// <summary>Samples for some rows, of which <paramref name="share"/> each have the same logits, and lets those that end leave.</summary>
    private unsafe void Sample(int[] passRows, List<Row> rows, int share)
    {
        int vocabulary = _decoder.Config.VocabularySize;
        _pass.NormLast(passRows, _normed);
        _pass.Logits(_normed, 0, passRows.Length, _logits);
        ComputeThread.Team.Run(passRows.Length, i =>
        {
            var logits = new Span<float>(_logits.Row(i), vocabulary);
            for (int j = 0; j < share; j++)
            {
                // Sampling overwrites the logits.
                var row = rows[(i * share) + j];
                var own = j < share - 1 ? logits.ToArray() : logits;
                row.Add(TokenSampler.Sample(own, _options.Temperature, _options.TopP, _random(row.Prompt, row.Sample, row.Tokens.Count)), _endTokens);
            }
        });
        if (rows == _active)
        {
            Leave(_active);
            return;
        }

        foreach (var row in rows)
        {
            row.Cached = new CachedContinuation(_groups[row.Prompt].Cached!);
        }

        Leave(rows);
        _active.AddRange(rows);
    }

    private void Leave(List<Row> rows)
    {
        foreach (var row in rows.Where(x => x.Done))
        {
            _cache.Release(row.Cached!);
            var group = _groups[row.Prompt];
            if (group.Rows.All(x => x.Done))
            {
                group.Cached?.Dispose();
                group.Cached = null;
            }
        }

        rows.RemoveAll(x => x.Done);
    }

    private sealed class Group(int[] prompt, Row[] rows)
    {
        public int[] Prompt { get; } = prompt;

        public Row[] Rows { get; } = rows;

        public CachedPrompt? Cached { get; set; }

        /// <summary>Tokens of the prompt that have run.</summary>
        public int Done { get; set; }
    }

    private sealed class Row(int prompt, int sample, int limit)
    {
        public int Prompt { get; } = prompt;

        public int Sample { get; } = sample;

        public CachedContinuation? Cached { get; set; }

        public List<int> Tokens { get; } = [];

        public List<float> LogProbabilities { get; } = [];

        public bool Ended { get; private set; }

        public bool Done => Ended || Tokens.Count >= limit;

        public void Add(SampledToken token, IReadOnlySet<int> endTokens)
        {
            Tokens.Add(token.Id);
            LogProbabilities.Add(token.LogProbability);
            Ended = endTokens.Contains(token.Id);
        }
    }
}
