using System.Runtime.InteropServices;

using RftConsole.Training.Models;

using static TorchSharp.torch;

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
/// Groups of continuations of several prompts that are decoded together, one token of each at a time. Each call is one slice for the compute thread.
/// </summary>
public sealed class DecodingBatch : IDisposable
{
    /// <summary>Floating-point operations of a slice of the prefill: about a third of a second on two cores.</summary>
    private const long OperationsPerSlice = 40_000_000_000;

    private readonly List<Tensor> _prefilled = [];
    private readonly Decoder _decoder;
    private readonly LoraAdapter? _adapter;
    private readonly SamplingOptions _options;
    private readonly IReadOnlySet<int> _endTokens;
    private readonly TokenRandom _random;
    private readonly IReadOnlyList<int[]> _prompts;
    private readonly GroupedKeyValueCache _cache;
    private readonly Row[] _rows;
    private int[] _groups;

    /// <param name="model">The model.</param>
    /// <param name="adapter">The adapter, or null.</param>
    /// <param name="prompts">Token ids of each prompt, each shorter than the context.</param>
    /// <param name="groupSize">Continuations of each prompt.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="random">Random numbers by place.</param>
    public DecodingBatch(LoadedModel model, LoraAdapter? adapter, IReadOnlyList<int[]> prompts, int groupSize, SamplingOptions options, TokenRandom random)
    {
        (_decoder, _adapter, _options, _endTokens, _random, _prompts) = (model.Decoder, adapter, options, model.EndTokens, random, prompts);
        int context = model.Decoder.Config.ContextLength;
        _groups = [.. Enumerable.Range(0, prompts.Count)];
        _rows = [.. _groups.SelectMany(g => Enumerable.Range(0, groupSize).Select(s => new Row(g, s, Math.Min(options.MaxTokens, context - prompts[g].Length))))];
        GroupSize = groupSize;
        _cache = new GroupedKeyValueCache(model.Decoder.Config, [.. prompts.Select(x => x.Length)], groupSize, _rows.Max(x => x.Limit));
    }

    public int GroupSize { get; }

    /// <summary>Whether all continuations have ended.</summary>
    public bool Finished => _rows.All(x => x.Done);

    /// <summary>The tokens of one continuation so far.</summary>
    public IReadOnlyList<int> TokensOf(int prompt, int sample) => _rows[(prompt * GroupSize) + sample].Tokens;

    /// <summary>
    /// Runs the next prompts, once for each group; false when all have run, and the first token of each continuation is sampled. Prompts are taken as many at a
    /// time as make one slice, however many there are.
    /// </summary>
    public bool Prefill()
    {
        using var noGradient = no_grad();
        int longest = _prompts.Max(x => x.Length);
        int[][] prompts = [.. _prompts.Skip(_prefilled.Sum(x => (int)x.size(0))).Take((int)Math.Max(1, PrefillTokens(_decoder.Config) / longest))];
        long[] ids = new long[prompts.Length * longest];
        for (int i = 0; i < prompts.Length; i++)
        {
            for (int j = 0; j < prompts[i].Length; j++)
            {
                ids[(i * longest) + j] = prompts[i][j];
            }
        }

        var hidden = _decoder.Forward(tensor(ids, [prompts.Length, longest]), arange(longest).unsqueeze(0), _cache, _adapter);
        _cache.AdvancePrefill(prompts.Length);
        var last = tensor(prompts.Select((x, i) => ((long)i * longest) + x.Length - 1).ToArray());
        _prefilled.Add(hidden.view(-1, _decoder.Config.HiddenSize).index_select(0, last).DetachFromDisposeScope());
        if (_prefilled.Sum(x => x.size(0)) < _prompts.Count)
        {
            return true;
        }

        Sample(_decoder.Logits(cat(_prefilled)), GroupSize);
        DisposePrefilled();
        return false;
    }

    /// <summary>Decodes one more token of each continuation that has not ended; false when all have.</summary>
    public bool Step()
    {
        if (Finished)
        {
            return false;
        }

        using var noGradient = no_grad();
        DropFinishedGroups();
        var rows = _groups.SelectMany(g => Enumerable.Range(g * GroupSize, GroupSize)).Select(i => _rows[i]).ToArray();
        var ids = tensor(rows.Select(x => (long)x.Tokens[^1]).ToArray(), [rows.Length, 1]);
        var positions = tensor(rows.Select(x => Math.Min((long)_prompts[x.Prompt].Length + _cache.Length, _decoder.Config.ContextLength - 1)).ToArray(), [rows.Length, 1]);
        var hidden = _decoder.Forward(ids, positions, _cache, _adapter);
        _cache.Advance();
        Sample(_decoder.Logits(hidden.squeeze(1)), 1);
        return true;
    }

    /// <summary>The continuations of each prompt.</summary>
    public Completion[][] Completions() =>
        [.. _rows.Select(x => new Completion([.. x.Tokens], [.. x.LogProbabilities], x.Ended)).Chunk(GroupSize)];

    public void Dispose()
    {
        DisposePrefilled();
        _cache.Dispose();
    }

    /// <summary>Tokens of a slice of the prefill. A function of the model alone, because the prompts beside it are in the last bits of a prompt's result.</summary>
    private static long PrefillTokens(DecoderConfig config)
    {
        long weights = (long)config.LayerCount * WeightShapes.LinearLayers.Select(x => WeightShapes.Linear(config, x)).Sum(x => (long)x.Rows * x.Columns);
        return OperationsPerSlice / (2 * weights);
    }

    private void DisposePrefilled()
    {
        _prefilled.ForEach(x => x.Dispose());
        _prefilled.Clear();
    }

    /// <summary>Samples for the rows of the active groups; each row of logits serves <paramref name="share"/> of them.</summary>
    private void Sample(Tensor logits, int share)
    {
        int vocabulary = (int)logits.size(1);
        float[] values = new float[logits.NumberOfElements];
        MemoryMarshal.Cast<byte, float>(logits.bytes).CopyTo(values);
        int count = _groups.Length * GroupSize;

        // Each row is its own pure function, so the order in which threads take them changes nothing.
        if ((long)count * vocabulary > 1_000_000)
        {
            Parallel.For(0, count, SampleRow);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                SampleRow(i);
            }
        }

        void SampleRow(int i)
        {
            var row = _rows[(_groups[i / GroupSize] * GroupSize) + (i % GroupSize)];
            if (row.Done)
            {
                return;
            }

            var source = values.AsSpan(i / share * vocabulary, vocabulary);
            var sampled = TokenSampler.Sample(
                share == 1 ? source : source.ToArray(), _options.Temperature, _options.TopP, _random(row.Prompt, row.Sample, row.Tokens.Count));
            row.Add(sampled, _endTokens);
        }
    }

    private void DropFinishedGroups()
    {
        var kept = _groups.Select((group, place) => (group, place)).Where(x => _rows.AsSpan(x.group * GroupSize, GroupSize).ToArray().Any(r => !r.Done)).ToArray();

        // A copy of the cache for every group that ends would cost more than it saves.
        if (kept.Length <= _groups.Length / 2)
        {
            _cache.Keep([.. kept.Select(x => (long)x.place)]);
            _groups = [.. kept.Select(x => x.group)];
        }
    }

    private sealed class Row(int prompt, int sample, int limit)
    {
        public int Prompt { get; } = prompt;

        public int Sample { get; } = sample;

        public int Limit { get; } = limit;

        public List<int> Tokens { get; } = [];

        public List<float> LogProbabilities { get; } = [];

        public bool Ended { get; private set; }

        public bool Done => Ended || Tokens.Count >= Limit;

        public void Add(SampledToken token, IReadOnlySet<int> endTokens)
        {
            Tokens.Add(token.Id);
            LogProbabilities.Add(token.LogProbability);
            Ended = endTokens.Contains(token.Id);
        }
    }
}
